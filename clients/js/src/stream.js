// The live feed: server-sent events over fetch, resumed after the last one that was seen.
import { deadline, sleep } from './deadline.js';
import { isRetried, told } from './transport.js';
import { decode } from './json.js';

/** The server sends a comment more often than this while nothing happens. */
const SILENCE_MS = 60_000;

/** Yields events for ever, through lost connections; ends when the signal is aborted. */
export async function* stream(transport, { after = 0, signal } = {}) {
  let failures = 0;
  while (!signal?.aborted) {
    let retryAfter;
    try {
      for await (const event of connection(transport, after, signal)) {
        after = event.seq;
        failures = 0;
        yield event;
      }
      // The server closed it: a restart, or a reader that was too slow.
    } catch (error) {
      if (signal?.aborted) return;
      if (!isRetried(error)) throw error;
      ({ retryAfter } = error);
    }
    failures += 1;
    await sleep(transport.pauseMs(failures, retryAfter), signal).catch(() => {});
  }
}

async function* connection(transport, after, signal) {
  const headers = transport.headers('text/event-stream');
  headers.set('Last-Event-ID', String(after));
  const limit = deadline(SILENCE_MS, signal);
  let reader;
  try {
    const answer = await transport.open(transport.url('/v1/events/stream'), { headers }, limit.signal);
    reader = answer.body.getReader();
    const decoder = new TextDecoder();
    let rest = '';
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      limit.push();
      const blocks = (rest + decoder.decode(value, { stream: true })).split('\n\n');
      rest = blocks.pop();
      for (const block of blocks) {
        const data = block.split('\n').filter((line) => line.startsWith('data:'));
        if (data.length > 0) yield decode(data.map((line) => line.slice(5)).join('\n'));
      }
    }
  } catch (error) {
    throw told(error, limit, 'the stream fell silent');
  } finally {
    limit.clear();
    reader?.cancel().catch(() => {}); // the caller may have had enough
  }
}
