// For React Native, whose fetch gives an answer only once it is whole: the feed comes in pages.
import { Toll as Streaming } from './toll.js';
import { isRetried } from './transport.js';
import { sleep } from './deadline.js';

export * from './index.js';

export class Toll extends Streaming {
  /** As elsewhere, but asked for: `pollMs` after the newest event was seen, by default 2 s. */
  async *stream({ after = 0, signal, pollMs = 2_000 } = {}) {
    while (!signal?.aborted) {
      let waitMs = pollMs;
      try {
        for await (const event of this.events({ after }, { signal })) {
          after = event.seq;
          yield event;
        }
      } catch (error) {
        if (signal?.aborted) return;
        if (!isRetried(error)) throw error;
        waitMs += (error.retryAfter ?? 0) * 1000;
      }
      await sleep(waitMs, signal).catch(() => {});
    }
  }
}
