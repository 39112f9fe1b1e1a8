// Retries, keys, errors and exact numbers, against servers that follow a script.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as client from '../src/index.js';
import { problem, quick, scripted, serve } from './server.js';

const hangUp = (response) => response.destroy();

test('408, 429, 503 and lost connections are tried again with the same key', async (t) => {
  const server = await scripted(t, [
    problem(503, 'overloaded', { 'Retry-After': '0' }),
    hangUp,
    problem(429, 'rate_limited'),
    problem(408, 'request_timeout'),
    [200, '{"deducted":1}'],
  ]);
  const toll = new client.Toll(server.url, quick);
  assert.deepEqual(await toll.deduct('c1'), { deducted: 1 });
  const keys = server.requests.map((request) => request.headers['idempotency-key']);
  assert.equal(keys.length, 5);
  assert.equal(new Set(keys).size, 1);
  assert.match(keys[0], /^[0-9a-f]{32}$/);
});

test('each call has a key of its own, or the one that the caller gives; only a GET has none', async (t) => {
  const server = await scripted(t, [[200], [200], [200], [200], [200]]);
  const toll = new client.Toll(server.url, quick);
  await toll.activate('c1');
  await toll.activate('c1');
  await toll.activate('c1', { idempotencyKey: 'mine' });
  await toll.getSession('c1');
  await toll.putDoctor('d1');
  const keys = server.requests.map((request) => request.headers['idempotency-key']);
  assert.notEqual(keys[0], keys[1]);
  assert.deepEqual(keys.slice(2, 4), ['mine', undefined]);
  assert.match(keys[4], /^[0-9a-f]{32}$/);
});

test('GET, PUT and PATCH are tried again as well', async (t) => {
  const server = await scripted(t, [hangUp, [200], hangUp, [200], hangUp, [200]]);
  const toll = new client.Toll(server.url, quick);
  await toll.getSession('c1');
  await toll.putDoctor('d1');
  await toll.patchSubscription('s1', { status: 'disabled' });
  assert.deepEqual(
    server.requests.map((request) => request.method),
    ['GET', 'GET', 'PUT', 'PUT', 'PATCH', 'PATCH'],
  );
});

const classes = [
  [400, 'invalid_request', client.InvalidRequest],
  [401, 'unauthenticated', client.Unauthenticated],
  [402, 'no_units', client.NoUnits],
  [403, 'forbidden', client.Forbidden],
  [404, 'session_not_found', client.NotFound],
  [405, 'method_not_allowed', client.InvalidRequest],
  [409, 'patient_busy', client.Conflict],
  [413, 'payload_too_large', client.InvalidRequest],
  [415, 'unsupported_media_type', client.InvalidRequest],
  [422, 'idempotency_key_reused', client.Conflict],
  [431, 'headers_too_large', client.InvalidRequest],
  [500, 'internal', client.Unavailable],
];
for (const [status, code, Class] of classes) {
  test(`${status} is ${Class.name}, and not tried again`, async (t) => {
    const server = await scripted(t, [problem(status, code)]);
    const toll = new client.Toll(server.url, quick);
    const error = await toll.activate('c1', { idempotencyKey: 'k' }).catch((thrown) => thrown);
    assert.equal(error.constructor, Class);
    assert.ok(error instanceof client.ApiError && error instanceof client.TollError);
    const { name, detail, idempotencyKey } = error;
    assert.deepEqual([name, error.status, error.code, detail, idempotencyKey], [Class.name, status, code, 'why', 'k']);
    assert.equal(server.requests.length, 1);
  });
}

test('after the last attempt the error says what was in the way, and the key', async (t) => {
  const busy = problem(503, 'overloaded', { 'Retry-After': '0' });
  const server = await scripted(t, [busy, busy, hangUp, hangUp, problem(429, 'rate_limited')]);
  const toll = new client.Toll(server.url, { ...quick, attempts: 2 });
  const error = await toll.activate('c1').catch((thrown) => thrown);
  assert.ok(error instanceof client.Unavailable);
  assert.equal(error.retryAfter, 0);
  const lost = await toll.activate('c1').catch((thrown) => thrown);
  assert.ok(lost instanceof client.ConnectionLost);
  assert.equal(lost.idempotencyKey, server.requests[3].headers['idempotency-key']);
  const once = new client.Toll(server.url, { ...quick, attempts: 1 });
  await assert.rejects(once.activate('c1'), client.RateLimited);
});

test('Retry-After is waited for, and one beyond the time of the call is left to the caller', async (t) => {
  const server = await scripted(t, [
    problem(503, 'overloaded', { 'Retry-After': '1' }),
    [200],
    problem(429, 'rate_limited', { 'Retry-After': '11' }),
  ]);
  const toll = new client.Toll(server.url, quick);
  const began = performance.now();
  await toll.activate('c1');
  assert.ok(performance.now() - began >= 1000);
  const error = await toll.activate('c1').catch((thrown) => thrown);
  assert.ok(error instanceof client.RateLimited);
  assert.equal(error.retryAfter, 11);
});

test('an answer cut short is asked for again, one that is no JSON is not', async (t) => {
  const cut = (response) => {
    response.writeHead(200, { 'Content-Length': '100' });
    response.write('{"id":');
    setImmediate(() => response.destroy());
  };
  const server = await scripted(t, [cut, [200], [200, '<html>']]);
  const toll = new client.Toll(server.url, quick);
  await toll.activate('c1');
  assert.equal(server.requests.length, 2);
  await assert.rejects(toll.activate('c1'), client.UnreadableAnswer);
});

test('integers are exact, or refused', async (t) => {
  const server = await scripted(t, [
    [200, '{"balance":9007199254740991}'],
    [200, '{"balance":9007199254740993}'],
    [200, '{"items":[{"amount":-9007199254740992}]}'],
  ]);
  const toll = new client.Toll(server.url, quick);
  assert.equal((await toll.wallet('d1')).balance, 9007199254740991);
  await assert.rejects(toll.wallet('d1'), /'balance' in the answer is too large/);
  await assert.rejects(toll.entriesPage('d1'), client.UnreadableAnswer);
  for (const amount of [2 ** 53, 1.5, NaN, 10n]) {
    await assert.rejects(toll.requestWithdrawal('d1', { amount, currency: 'MWK' }), RangeError);
  }
  assert.equal(server.requests.length, 3);
});

test('an aborted call ends at once with the reason of its signal', async (t) => {
  const url = await serve(t, () => {});
  const toll = new client.Toll(url);
  const controller = new AbortController();
  const enough = new Error('enough');
  const call = toll.activate('c1', { signal: controller.signal });
  controller.abort(enough);
  await assert.rejects(call, (error) => error === enough);
  const never = await scripted(t, [problem(503, 'overloaded', { 'Retry-After': '5' })]);
  const pausing = new AbortController();
  const paused = new client.Toll(never.url).activate('c1', { signal: pausing.signal });
  setTimeout(() => pausing.abort(enough), 50);
  await assert.rejects(paused, (error) => error === enough);
});

test('keys without crypto, as in Node 18 and React Native', async (t) => {
  const server = await scripted(t, Array.from({ length: 100 }, () => [200]));
  const { crypto } = globalThis;
  Object.defineProperty(globalThis, 'crypto', { value: undefined, configurable: true });
  t.after(() => Object.defineProperty(globalThis, 'crypto', { value: crypto, configurable: true }));
  const toll = new client.Toll(server.url, quick);
  for (let i = 0; i < 100; ++i) await toll.activate('c1');
  const keys = server.requests.map((request) => request.headers['idempotency-key']);
  assert.equal(new Set(keys).size, 100);
  for (const key of keys) assert.match(key, /^[0-9a-f]{32}$/);
});
