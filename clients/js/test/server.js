// The real tolld, and servers that behave badly on purpose.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Toll } from '../src/index.js';

export const quick = { firstPauseMs: 1, longestPauseMs: 2 };

const undone = new WeakMap();

/** Undoes things after the test, the last one first. */
export function after(test, undo) {
  if (!undone.has(test)) {
    const list = [];
    undone.set(test, list);
    test.after(async () => {
      for (const last of list.reverse()) await last();
    });
  }
  undone.get(test).push(undo);
}

/** A new directory, removed after the test. */
export async function directory(test) {
  const path = await mkdtemp(join(tmpdir(), 'toll-js-'));
  after(test, () => rm(path, { recursive: true, force: true }));
  return path;
}

/** A token for the server that will be started on this directory. */
export function makeToken(data, role) {
  const args = ['token', 'create', '--data', data, '--name', role.replace(':', '-'), '--role', role];
  return execFileSync(process.env.TOLLCTL, args, { encoding: 'utf8', stdio: 'pipe' }).trim();
}

/** A key and a certificate of its own, for 127.0.0.1. */
export async function certificate(test) {
  const path = await directory(test);
  const words = '-x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout key -out cert -days 2';
  const name = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
  execFileSync('openssl', ['req', ...words.split(' '), ...name], { cwd: path, stdio: 'pipe' });
  return { key: await readFile(join(path, 'key')), cert: await readFile(join(path, 'cert')) };
}

/** Starts the program of $TOLLD on a directory and port of its own; ended when the test is. */
export async function startToll(test, args = ['--auth', 'off'], { data, port = 0, clock = '00:00' } = {}) {
  data ??= await directory(test);
  const words = ['--data', data, '--listen', `127.0.0.1:${port}`];
  const child = spawn(process.env.TOLLD, [...words, '--test-clock', `2026-01-01T${clock}:00Z`, ...args], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const stop = async (signal = 'SIGKILL') => {
    child.kill(signal);
    return ended;
  };
  after(test, () => stop());
  const url = await new Promise((resolve, reject) => {
    let said = '';
    child.stdout.on('data', (bytes) => {
      said += bytes;
      const match = /^listening on (\S+)\n/.exec(said);
      if (match) resolve(`http://${match[1]}`);
    });
    ended.then((status) => reject(new Error(`tolld ended with ${status}`)));
  });
  return { url, stop, data, port: Number(new URL(url).port), toll: new Toll(url, quick) };
}

/** An HTTP server with this handler; closed when the test is. */
export async function serve(test, handler) {
  const server = http.createServer(handler);
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  test.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${server.address().port}`;
}

/** Answers each request with the next of `answers`, [status, body, headers] or a function of the
 *  response; remembers the requests. */
export async function scripted(test, answers) {
  const requests = [];
  const url = await serve(test, (request, response) => {
    requests.push({ method: request.method, url: request.url, headers: request.headers });
    const answer = answers.shift();
    if (typeof answer === 'function') return answer(response);
    const [status, body = '{}', headers = {}] = answer;
    response.writeHead(status, { 'Content-Type': 'application/json', ...headers }).end(body);
  });
  return { url, requests };
}

/** An answer of `scripted`: a refusal. */
export const problem = (status, code, headers) => [
  status,
  JSON.stringify({ type: 'about:blank', title: 'T', status, detail: 'why', code }),
  headers,
];

/** Stands before a server, lets each request through and loses so many of the answers to POSTs. */
export async function losingProxy(test, target, losses) {
  const posts = [];
  const url = await serve(test, async (request, response) => {
    const parts = [];
    for await (const part of request) parts.push(part);
    const headers = { ...request.headers, host: new URL(target).host };
    const upstream = http.request(target + request.url, { method: request.method, headers, agent: false });
    upstream.on('response', async (answer) => {
      const body = [];
      for await (const part of answer) body.push(part);
      if (request.method === 'POST') {
        posts.push({ key: request.headers['idempotency-key'], status: answer.statusCode });
        if (losses-- > 0) return response.destroy();
      }
      response.writeHead(answer.statusCode, answer.headers).end(Buffer.concat(body));
    });
    upstream.end(Buffer.concat(parts));
  });
  return { url, posts };
}

export const ends_at = '2030-01-01T00:00:00.000Z';
export const all = async (items) => {
  const list = [];
  for await (const item of items) list.push(item);
  return list;
};
