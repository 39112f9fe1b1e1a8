// What is an id, and what cannot be sent as one.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as client from '../src/index.js';
import { quick, serve } from './server.js';

test('integers are ids: in paths, queries and bodies', async (t) => {
  const seen = [];
  const url = await serve(t, async (request, response) => {
    const parts = [];
    for await (const part of request) parts.push(part);
    seen.push([request.url, Buffer.concat(parts).toString()]);
    response.end('{}');
  });
  const toll = new client.Toll(url, quick);
  const when = new Date(0);
  await toll.putSubscription(7, { patient_id: 8, units: { text: 9 }, ends_at: when, members: [10, 'm', 2n ** 60n] });
  await toll.startSession({ id: 1, channel: 'text', patient_id: 8, doctor_id: 2n, external_ref: 3 });
  await toll.deductAll([1, 'c2']);
  await toll.sessionsPage({ patient_id: 8 });
  assert.deepEqual(seen, [
    [
      '/v1/subscriptions/7',
      '{"patient_id":"8","units":{"text":9},"ends_at":"1970-01-01T00:00:00.000Z","members":["10","m","1152921504606846976"]}',
    ],
    ['/v1/sessions', '{"id":"1","channel":"text","patient_id":"8","doctor_id":"2","external_ref":"3"}'],
    ['/v1/deductions', '{"items":[{"session_id":"1"},{"session_id":"c2"}]}'],
    ['/v1/sessions?patient_id=8', ''],
  ]);
});

test('what cannot be sent is refused before it is', async () => {
  const toll = new client.Toll('http://127.0.0.1:1');
  for (const id of ['', '.', '..', undefined, 1.5, 2 ** 53]) assert.throws(() => toll.getSession(id), TypeError);
  assert.throws(() => new client.Toll('nonsense'), TypeError);
  assert.throws(() => new client.Toll('http://127.0.0.1:1', { retries: 3 }), /unknown option: retries/);
});
