// esbuild, webpack and tsc take the packed client. Run by itself; where npm's registry is not reached it says so
// and is skipped (exit 77).
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { documented, typeChecks } from './event_types.js';
import { npm, pack, project, run, visit, visited } from './project.js';
import { ends_at, startToll } from './server.js';

const SKIPPED = 77; // CTest's SKIP_RETURN_CODE

/** Reads three facts, the last of which happens meanwhile, by a fetch like React Native's: a body comes whole. */
const follow = `
  const fetch = async (url, request) => {
    const answer = await globalThis.fetch(url, request);
    const text = await answer.text();
    return { ok: answer.ok, status: answer.status, headers: answer.headers, text: async () => text };
  };
  const toll = new client.Toll(process.argv.at(-1), { fetch });
  const seen = [];
  for await (const { seq, type } of toll.stream({ pollMs: 1 })) {
    seen.push(seq);
    if (type === 'granted') await toll.topUp('s1', { text: 1 });
    if (type === 'topped_up') break;
  }
  console.log(seen.join());
`;
const tsconfig = (options, files) => {
  const strict = { strict: true, noEmit: true, target: 'es2022', lib: ['es2022', 'dom'], types: [] };
  return JSON.stringify({ compilerOptions: { ...strict, ...options }, files });
};
const entry = (body) => `import * as client from 'toll-client';\n(async () => {${body}})();`;

test('bundled and checked', async (t) => {
  const path = await project(t, {
    'visit.js': entry(visit),
    'follow.js': entry(follow),
    'types.mts': typeChecks(await documented()),
    'types.cts': typeChecks(await documented()),
    'formats.json': tsconfig({ module: 'nodenext' }, ['types.mts', 'types.cts']),
    'bundler.json': tsconfig({ module: 'esnext', moduleResolution: 'bundler' }, ['types.mts']),
  });
  try {
    npm(path, 'install', '--ignore-scripts', await pack(t), 'esbuild@0.28', 'webpack@5', 'typescript@5.9');
  } catch (error) {
    if (!/E(NOTFOUND|AI_AGAIN|CONNREFUSED|CONNRESET|TIMEDOUT|NETUNREACH)/.test(error.stderr)) throw error;
    console.log(`SKIPPED: npm's registry is not reached: ${error.stderr}`);
    process.exitCode = SKIPPED;
    return;
  }
  const { url, toll } = await startToll(t);
  await toll.putSubscription('s1', { patient_id: 1, units: { text: 10 }, ends_at });
  const bin = (name) => join(path, 'node_modules/.bin', name);
  const esbuild = (...words) => run(path, bin('esbuild'), '--bundle', '--log-level=warning', ...words);
  const output = (file) => run(path, process.execPath, file, url);

  await t.test('esbuild, for a browser and for require', async () => {
    esbuild('visit.js', '--platform=browser', '--target=es2018', '--minify', '--outfile=browser.cjs');
    assert.equal(output('browser.cjs'), visited);
    esbuild('visit.js', '--platform=node', '--conditions=require', '--outfile=required.cjs');
    assert.equal(output('required.cjs'), visited);
  });
  await t.test('webpack, minified', async () => {
    const config = { mode: 'production', entry: './visit.js', context: path, output: { path, filename: 'webpack.cjs' } };
    const script = `require('webpack')(${JSON.stringify(config)}, (error, stats) => {
      console.log(error ?? stats.toString({ all: false, errors: true, warnings: true }));
    })`;
    assert.equal(run(path, process.execPath, '-e', script), '\n');
    assert.equal(output('webpack.cjs'), visited);
  });
  await t.test('React Native: the feed without a stream', async () => {
    esbuild('follow.js', '--platform=neutral', '--conditions=react-native', '--outfile=native.cjs');
    const { items } = await toll.eventsPage();
    const next = items.at(-1).seq + 1;
    assert.equal(output('native.cjs'), `${Array.from({ length: next }, (_, i) => i + 1).join()}\n`);
  });
  await t.test('types: every event that is documented and no other, by import, require and for bundlers', () => {
    for (const config of ['formats.json', 'bundler.json']) {
      const { status, stdout } = spawnSync(bin('tsc'), ['-p', config], { cwd: path, encoding: 'utf8' });
      assert.deepEqual([status, stdout], [0, '']);
    }
  });
});
