// The client as others get it: packed by npm, installed into a project of their own.
import { execFileSync } from 'node:child_process';
import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { directory } from './server.js';

const root = new URL('..', import.meta.url).pathname;

/** The archive that the command of README.md makes of a clean copy. */
export async function pack(t) {
  const tree = await directory(t);
  const copy = join(tree, 'clients/js');
  await cp(root, copy, { recursive: true, filter: (path) => !/\/(dist|node_modules)$/.test(path) });
  const [, command] = /```sh\n(.*?)```/s.exec(await readFile(join(copy, 'README.md'), 'utf8'));
  run(tree, '/bin/sh', '-ec', `export npm_config_update_notifier=false npm_config_loglevel=error\n${command}`);
  return join(copy, (await readdir(copy)).find((name) => name.endsWith('.tgz')));
}

/** Runs npm, which says what went wrong and writes no lock file. */
export function npm(cwd, ...words) {
  const quiet = ['--no-audit', '--no-fund', '--no-package-lock', '--no-update-notifier', '--loglevel=error'];
  return run(cwd, 'npm', ...words, ...quiet);
}

/** What a program prints; throws what it says to standard error when it fails. */
export function run(cwd, ...command) {
  return execFileSync(command[0], command.slice(1), { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

/** A new project with these files. */
export async function project(t, files = {}) {
  const path = await directory(t);
  const all = { 'package.json': '{"name": "project", "private": true}', ...files };
  for (const [name, text] of Object.entries(all)) await writeFile(join(path, name), text);
  return path;
}

/** The body of an async function that is given a Toll class and the URL of a server: bills a chat. */
export const visit = `
  const toll = new client.Toll(process.argv.at(-1));
  const { id } = await toll.startSession({ channel: 'text', patient_id: 1, doctor_id: 2 });
  await toll.activate(id);
  const { deducted } = await toll.end(id);
  const error = await toll.getSession('none').catch((thrown) => thrown);
  console.log(deducted, error instanceof client.NotFound, error.name);
`;
export const visited = '1 true NotFound\n';
