// The live feed, from a server that follows a script.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as client from '../src/index.js';
import { quick, scripted } from './server.js';

test('frames in any pieces, comments, a reader that was dropped, a refusal', async (t) => {
  const frame = (seq) => `id: ${seq}\nevent: granted\ndata: {"seq":${seq},"name":"é"}\n\n`;
  const cut = (response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    response.write(`: hello\n\n${frame(1)}: still here\n\n${frame(2)}id: 3\ndata: {"seq":3`);
    setImmediate(() => response.destroy());
  };
  const transform = (chunk, pieces) => chunk.forEach((byte) => pieces.enqueue(Uint8Array.of(byte)));
  const inBytes = async (url, request) => {
    const answer = await fetch(url, request);
    return answer.ok ? new Response(answer.body.pipeThrough(new TransformStream({ transform }))) : answer;
  };
  const whole = (response) => response.writeHead(200).end(frame(3));
  const server = await scripted(t, [
    cut,
    [503, '{"code":"shutting_down","detail":""}', { 'Retry-After': '0' }],
    whole,
    [401, '{"code":"unauthenticated","detail":""}'],
  ]);
  const toll = new client.Toll(server.url, { ...quick, fetch: inBytes });
  const seen = [];
  const reading = (async () => {
    for await (const event of toll.stream()) seen.push(event);
  })();
  await assert.rejects(reading, client.Unauthenticated);
  assert.deepEqual(seen, [1, 2].map((seq) => ({ seq, name: 'é' })).concat({ seq: 3, name: 'é' }));
  assert.deepEqual(
    server.requests.map((request) => request.headers['last-event-id']),
    ['0', '2', '2', '3'],
  );
});
