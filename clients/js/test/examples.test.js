// The example of a chat does what it says, against the real server.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { example } from './example.js';
import { startToll } from './server.js';

test('chat: grants, bills, prints the statement', async (t) => {
  const { url, toll } = await startToll(t);
  const { lines, ended } = example(t, 'chat', url);
  assert.match((await lines.next()).value, /: ended, 1 units$/);
  assert.equal((await lines.next()).value, '2026-01-01T00:00:00.000Z  manual  1  350000 MWK');
  assert.deepEqual(await ended, [0, null]);
  assert.equal((await toll.wallet('example-doctor')).balance, 350000);
});
