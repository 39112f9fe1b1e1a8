// The live feed of the real server, and the example that follows it.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { example } from './example.js';
import { all, directory, ends_at, startToll } from './server.js';

test('the stream goes on after kill -9 with nothing lost or repeated, until it is aborted', async (t) => {
  const first = await startToll(t);
  await first.toll.putSubscription('s1', { patient_id: 'p1', units: { text: 100 }, ends_at });
  const controller = new AbortController();
  const seen = [];
  for await (const event of first.toll.stream({ signal: controller.signal })) {
    seen.push(event);
    if (event.type === 'granted') {
      await first.stop();
      const second = await startToll(t, undefined, first);
      await second.toll.topUp('s1', { text: 1 });
    }
    if (event.type === 'topped_up' && seen.filter(({ type }) => type === 'topped_up').length < 3) {
      await first.toll.topUp('s1', { text: 1 });
    } else if (event.type === 'topped_up') {
      controller.abort();
    }
  }
  assert.deepEqual(seen, await all(first.toll.events()));
  const later = [];
  for await (const event of first.toll.stream({ after: seen.length - 2 })) {
    later.push(event);
    if (later.length === 2) break;
  }
  assert.deepEqual(later, seen.slice(-2));
});

test('follow: its copy of the balances is right, also when it is killed and started again', async (t) => {
  const { url, toll } = await startToll(t);
  const file = join(await directory(t), 'balances.json');
  const chat = async (id, doctor_id) => {
    await toll.startSession({ id, channel: 'text', patient_id: 'p1', doctor_id });
    await toll.activate(id);
    await toll.end(id);
  };
  await toll.putSubscription('s1', { patient_id: 'p1', units: { text: 100 }, ends_at });
  await chat('c1', 'd1');
  const first = example(t, 'follow', url, file);
  assert.match((await first.lines.next()).value, /: d1 has 350000$/);
  await chat('c2', 'd2');
  assert.match((await first.lines.next()).value, /: d2 has 350000$/);
  first.child.kill('SIGKILL');
  await first.ended;

  await toll.refund('c2', { units: 1, reason: 'sorry' });
  const { id } = await toll.requestWithdrawal('d1', { amount: 100000, currency: 'MWK' });
  const second = example(t, 'follow', url, file);
  assert.match((await second.lines.next()).value, /: d2 has 0$/);
  assert.match((await second.lines.next()).value, /: d1 has 250000$/);
  await toll.rejectWithdrawal(id);
  assert.match((await second.lines.next()).value, /: d1 has 350000$/);
  const { seq, balances } = JSON.parse(await readFile(file, 'utf8'));
  assert.deepEqual(balances, { d1: 350000, d2: 0 });
  assert.equal((await toll.eventsPage({ after: seq })).items.length, 0);
});
