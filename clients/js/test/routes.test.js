// Every route, against the real server.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import * as client from '../src/index.js';
import { all, directory, ends_at, losingProxy, makeToken, quick, startToll } from './server.js';

const MINUTE = 60_000;

test('subscriptions and patients', async (t) => {
  const { toll } = await startToll(t);
  const made = await toll.putSubscription('s:1', { patient_id: 'p1', units: { text: 10, voice: 2 }, ends_at });
  assert.equal(made.units.text.free, 10);
  assert.deepEqual(await toll.getSubscription('s:1'), made);
  assert.deepEqual((await toll.patchSubscription('s:1', { members: ['p2'] })).members, ['p2']);
  assert.equal((await toll.topUp('s:1', { text: 5 })).units.text.granted, 15);
  const balance = { patient_id: 'p2', units: { text: 15, voice: 2, video: 0 }, subscriptions: ['s:1'] };
  assert.deepEqual(await toll.balance('p2'), balance);
});

test('a call, its statement, a refund, the wallet and a withdrawal', async (t) => {
  const { toll } = await startToll(t);
  await toll.putSubscription('s1', { patient_id: 'p1', units: { voice: 10, text: 10 }, ends_at });
  assert.deepEqual(await toll.putDoctor('d1', { currency: 'USD' }), { doctor_id: 'd1', currency: 'USD' });
  assert.equal((await toll.putDoctor('d1')).currency, 'USD');
  await toll.startSession({ id: 'c1', channel: 'voice', patient_id: 'p1', doctor_id: 'd1' });
  assert.equal((await toll.activate('c1')).status, 'active');
  assert.deepEqual(await toll.advanceTestClock({ advance_ms: 10 * MINUTE, run_timers: false }), {
    now: '2026-01-01T00:10:00.000Z',
  });
  assert.equal((await toll.deduct('c1', { triggered_by: 'phone' })).deducted, 1);
  await toll.advanceTestClock({ advance_ms: 10 * MINUTE, run_timers: false });
  assert.deepEqual(await toll.deductAll(['c1', 'c2']), {
    items: [
      { session_id: 'c1', deducted: 1, status: 200 },
      { session_id: 'c2', deducted: 0, status: 404, code: 'session_not_found' },
    ],
  });
  const ended = await toll.end('c1', { ended_by: 'doctor', reason: 'done' });
  assert.deepEqual([ended.deducted, ended.manual_unit, ended.session.reason], [1, true, 'done']);
  assert.equal((await toll.refund('c1', { units: 1, reason: 'sorry' })).refunded, 1);
  const session = await toll.getSession('c1');
  const statement = await toll.statement('c1');
  assert.deepEqual(statement.session, session);
  assert.deepEqual(statement.lines.map((line) => line.kind), ['interval', 'interval', 'manual', 'refund']);
  assert.deepEqual(await all(toll.statementLines('c1', { limit: 1 })), statement.lines);

  assert.equal((await toll.wallet('d1')).balance, 600);
  const paid = await toll.requestWithdrawal('d1', { amount: 200, currency: 'USD' });
  assert.equal((await toll.approveWithdrawal(paid.id)).status, 'approved');
  assert.equal((await toll.payWithdrawal(paid.id)).status, 'paid');
  const other = await toll.requestWithdrawal('d1', { amount: 100, currency: 'USD' });
  assert.equal((await toll.rejectWithdrawal(other.id)).status, 'rejected');
  const entries = await all(toll.entries('d1', { limit: 2 }));
  assert.deepEqual(entries, (await toll.entriesPage('d1', { limit: 500 })).items);
  assert.equal(entries.reduce((sum, entry) => sum + entry.amount, 0), 400);
});

test('lists in pages, the feed, the clock and health', async (t) => {
  const { toll } = await startToll(t);
  await toll.putSubscription('s1', { patient_id: 'p1', units: { text: 100 }, ends_at });
  for (let i = 0; i < 7; ++i) {
    const { id } = await toll.startSession({ channel: 'text', patient_id: 'p1', doctor_id: 'd1' });
    assert.equal((await toll.sendMessage(id, 'doctor')).status, 'active');
    if (i < 6) await toll.end(id);
  }
  const sessions = await all(toll.sessions({ patient_id: 'p1', status: 'ended', limit: 4 }));
  assert.equal(new Set(sessions.map((session) => session.id)).size, 6);
  const page = await toll.sessionsPage({ limit: 4 });
  assert.equal(page.items.length, 4);
  assert.equal((await toll.sessionsPage({ limit: 4, cursor: page.next_cursor })).items.length, 3);
  const events = await all(toll.events({ limit: 5 }));
  assert.deepEqual(events.map((event) => event.seq), events.map((_, i) => i + 1));
  assert.deepEqual(events, (await toll.eventsPage({ after: 0, limit: 500 })).items);
  assert.deepEqual(await toll.testClock(), { now: '2026-01-01T00:00:00.000Z' });
  assert.deepEqual([await toll.isLive(), await toll.isReady()], [true, true]);
  assert.match(await toll.metrics(), /^# HELP /m);
  assert.match((await toll.openapi()).openapi, /^3\.1\./);
});

test('refusals of the real server', async (t) => {
  const { toll } = await startToll(t);
  const start = (id) => toll.startSession({ id, channel: 'voice', patient_id: 'p1', doctor_id: 'd1' });
  await assert.rejects(start('c1'), client.NoUnits);
  await toll.putSubscription('s1', { patient_id: 'p1', units: { voice: 10 }, ends_at });
  await start('c1');
  await assert.rejects(start('c2'), (error) => error instanceof client.Conflict && error.code === 'patient_busy');
  await assert.rejects(toll.getSession('x'), client.NotFound);
  await assert.rejects(toll.refund('c1', { units: 0, reason: 'x' }), client.InvalidRequest);
});

test('tokens and their roles', async (t) => {
  const data = await directory(t);
  const [service, patient] = ['service', 'patient:p1'].map((role) => makeToken(data, role));
  const { url, toll, stop } = await startToll(t, [], { data });
  const as = (token) => new client.Toll(url, { ...quick, token });
  await assert.rejects(toll.wallet('d1'), client.Unauthenticated);
  await assert.rejects(as('x').wallet('d1'), client.Unauthenticated);
  await assert.rejects(as(service).wallet('d1'), client.NotFound);
  await assert.rejects(as(patient).wallet('d1'), client.Forbidden);
  assert.equal(await toll.isLive(), true);
  await stop();
  assert.deepEqual([await toll.isLive(), await toll.isReady()], [false, false]);
});

test('an answer is lost: the retry has the same key, and one effect', async (t) => {
  const server = await startToll(t);
  await server.toll.putSubscription('s1', { patient_id: 'p1', units: { text: 1 }, ends_at });
  const proxy = await losingProxy(t, server.url, 2);
  const toll = new client.Toll(proxy.url, quick);
  assert.equal((await toll.topUp('s1', { text: 5 })).units.text.granted, 6);
  assert.deepEqual(proxy.posts.map((post) => post.status), [201, 201, 201]);
  assert.equal(new Set(proxy.posts.map((post) => post.key)).size, 1);
  assert.equal((await server.toll.getSubscription('s1')).units.text.granted, 6);
  const again = { idempotencyKey: proxy.posts[0].key };
  await assert.rejects(
    server.toll.topUp('s1', { text: 6 }, again),
    (error) => error instanceof client.Conflict && error.code === 'idempotency_key_reused',
  );
});

test('the types name the methods and the classes that there are', async () => {
  const types = await readFile(new URL('../src/index.d.ts', import.meta.url), 'utf8');
  const methods = /export class Toll \{(.*?)^\}/ms.exec(types)[1].matchAll(/^ {2}(\w+)\(/gm);
  const real = Object.getOwnPropertyNames(client.Toll.prototype);
  assert.deepEqual([...methods].map((match) => match[1]).sort(), real.sort());
  const classes = [...types.matchAll(/export class (\w+)/g)].map((match) => match[1]);
  assert.deepEqual(classes.sort(), Object.keys(client).sort());
});
