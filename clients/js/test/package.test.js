// What `npm pack` makes is all that a fresh project needs, whether it imports or requires.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { npm, pack, project, run, visit, visited } from './project.js';
import { ends_at, startToll } from './server.js';

test('packed, installed and run, by import, by require and as the README has it', async (t) => {
  const { url, toll } = await startToll(t);
  await toll.putSubscription('s2', { patient_id: 1, units: { text: 10 }, ends_at });
  const [, example] = /```js\n(.*?)```/s.exec(await readFile(new URL('../README.md', import.meta.url), 'utf8'));
  const path = await project(t, {
    'readme.mjs': example.replace('http://127.0.0.1:8080', url),
    'import.mjs': `import * as client from 'toll-client';\n${visit}`,
    'require.cjs': `const client = require('toll-client');\n(async () => {${visit}})();`,
    'formats.cjs': `
      console.log(require.resolve('toll-client').slice(-4), Object.keys(require('toll-client')).join());
      import('toll-client').then((client) => console.log(Object.keys(client).join()));`,
  });
  npm(path, 'install', '--offline', await pack(t));
  assert.equal(run(path, process.execPath, 'import.mjs', url), visited);
  assert.equal(run(path, process.execPath, 'require.cjs', url), visited);
  assert.equal(run(path, process.execPath, 'readme.mjs'), 'manual 350000\n');
  const [required, imported] = run(path, process.execPath, 'formats.cjs').trim().split('\n');
  assert.match(required, /^\.cjs Toll,/);
  assert.deepEqual(required.slice(5).split(',').sort(), imported.split(',').sort());
});
