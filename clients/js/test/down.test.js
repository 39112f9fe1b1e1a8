// Servers that are down, hang, or cannot be spoken to as things are configured.
import assert from 'node:assert/strict';
import https from 'node:https';
import { test } from 'node:test';
import * as client from '../src/index.js';
import { certificate, problem, quick, scripted, serve } from './server.js';

test('a call costs no more than its time: a server that says nothing, or takes its time for ever', async (t) => {
  const url = await serve(t, () => {});
  const silent = new client.Toll(url, { timeoutMs: 100 });
  await assert.rejects(silent.activate('c1'), /no answer in time/);
  const drip = await serve(t, (request, response) => {
    response.writeHead(200, { 'Content-Type': 'application/json' }).write('{');
    const timer = setInterval(() => response.write(' '), 10);
    response.on('close', () => clearInterval(timer));
  });
  await assert.rejects(new client.Toll(drip, { timeoutMs: 100 }).getSession('c1'), client.ConnectionLost);
  const busy = await scripted(t, Array(5).fill(problem(503, 'overloaded', { 'Retry-After': '1' })));
  const error = await new client.Toll(busy.url, { timeoutMs: 500 }).activate('c1').catch((thrown) => thrown);
  assert.ok(error instanceof client.Unavailable);
  assert.equal(busy.requests.length, 1);
});

test('what no attempt can mend is told at once, and as what it is', async (t) => {
  const moved = await scripted(t, [[301, '', { Location: '/elsewhere' }], [200]]);
  const lasting = async (url, message, options) => {
    const toll = new client.Toll(url, { ...quick, ...options });
    await assert.rejects(toll.isReady(), (error) => error instanceof client.Misconfigured && message.test(error.message));
  };
  await lasting(moved.url, /redirect/);
  assert.equal(moved.requests.length, 1);
  await lasting(moved.url.replace('http:', 'https:'), /wrong version number|packet length|SSL/i);
  const cause = { code: 'ENOTFOUND', message: 'getaddrinfo ENOTFOUND toll' };
  const fetch = () => Promise.reject(Object.assign(new TypeError('fetch failed'), { cause }));
  await lasting('http://toll', /ENOTFOUND toll/, { fetch });
  const untrusted = https.createServer(await certificate(t), () => {});
  await new Promise((resolve) => untrusted.listen(0, '127.0.0.1', resolve));
  t.after(() => untrusted.close());
  await lasting(`https://127.0.0.1:${untrusted.address().port}`, /self-signed certificate/);
});

test('nobody who answers is not ready, and not live', async () => {
  const toll = new client.Toll('http://127.0.0.1:1', quick);
  assert.deepEqual([await toll.isReady(), await toll.isLive()], [false, false]);
});
