// Sends one call, as often as it takes: every attempt of a POST carries the same Idempotency-Key, so
// that a lost answer costs nothing.
import { ApiError, ConnectionLost, TollError, apiError } from './errors.js';
import { decode, encode } from './json.js';

const RETRIED = new Set([408, 429, 503]);

const defaults = {
  token: undefined,
  attempts: 5,
  /** Of one attempt, from the request to the end of the answer. */
  timeoutMs: 30_000,
  /** The pauses double from the first to the longest; each is shortened at random. */
  firstPauseMs: 200,
  longestPauseMs: 5_000,
  /** A Retry-After beyond this is not waited for: the error says how long it is. */
  longestRetryAfterMs: 60_000,
};

export class Transport {
  constructor(baseUrl, options = {}) {
    const unknown = Object.keys(options).filter((name) => name !== 'fetch' && !(name in defaults));
    if (unknown.length > 0) throw new TypeError(`unknown option: ${unknown.join(', ')}`);
    this.options = { ...defaults, ...options };
    this.base = new URL(baseUrl).href.replace(/\/+$/, '');
    this.fetch = options.fetch ?? globalThis.fetch.bind(globalThis);
  }

  /** The decoded answer, or its text. `call`: {query, body, idempotencyKey, signal, attempts, text}. */
  async send(method, path, call = {}) {
    const headers = this.headers(call.text ? undefined : 'application/json');
    const body = call.body === undefined ? undefined : encode(call.body);
    if (body !== undefined) headers.set('Content-Type', 'application/json');
    const key = method === 'POST' ? (call.idempotencyKey ?? newKey()) : undefined;
    if (key !== undefined) headers.set('Idempotency-Key', key);
    const url = this.url(path, call.query);
    try {
      const attempt = () => this.attempt(url, { method, headers, body }, call.signal);
      const text = await this.persist(attempt, call.attempts ?? this.options.attempts, call.signal);
      return call.text ? text : decode(text);
    } catch (error) {
      if (error instanceof TollError) error.idempotencyKey = key;
      throw error;
    }
  }

  url(path, query = {}) {
    const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== null);
    return this.base + path + (given.length > 0 ? `?${new URLSearchParams(given)}` : '');
  }

  headers(accept) {
    const headers = new Headers();
    if (accept) headers.set('Accept', `${accept}, application/problem+json`);
    if (this.options.token !== undefined) headers.set('Authorization', `Bearer ${this.options.token}`);
    return headers;
  }

  async persist(attempt, attempts, signal) {
    for (let tried = 1; ; ++tried) {
      try {
        return await attempt();
      } catch (error) {
        if (signal?.aborted || !isRetried(error) || tried >= attempts) throw error;
        if (error.retryAfter * 1000 > this.options.longestRetryAfterMs) throw error;
        await this.pause(tried, error.retryAfter, signal);
      }
    }
  }

  /** Exponential, and at random so that many clients do not come back at once. */
  pause(tried, retryAfter = 0, signal = undefined) {
    const { firstPauseMs, longestPauseMs } = this.options;
    const longest = Math.min(longestPauseMs, firstPauseMs * 2 ** (tried - 1));
    const ms = retryAfter * 1000 + longest * (0.5 + Math.random() / 2);
    return new Promise((resolve, reject) => {
      const stop = () => {
        clearTimeout(timer);
        reject(signal.reason);
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', stop);
        resolve();
      }, ms);
      if (signal?.aborted) return stop();
      signal?.addEventListener('abort', stop, { once: true });
    });
  }

  /** The text of a success; throws ConnectionLost, ApiError or the signal's reason. */
  async attempt(url, request, signal) {
    const limit = deadline(this.options.timeoutMs, signal);
    try {
      const answer = await this.open(url, request, limit.signal);
      return await answer.text();
    } catch (error) {
      throw this.told(error, signal, limit.passed() && 'no answer in time');
    } finally {
      limit.clear();
    }
  }

  /** A success whose body is still to be read; throws as fetch does, or ApiError. */
  async open(url, request, signal) {
    const answer = await this.fetch(url, { ...request, signal, redirect: 'error', cache: 'no-store' });
    if (answer.ok) return answer;
    throw apiError(await problemOf(answer));
  }

  /** What to throw for what fetch threw. */
  told(error, signal, why) {
    if (signal?.aborted) return signal.reason;
    if (error instanceof TollError) return error;
    return new ConnectionLost(why || `no answer: ${error.cause?.message ?? error.message}`, { cause: error });
  }
}

export const isRetried = (error) =>
  error instanceof ConnectionLost || (error instanceof ApiError && RETRIED.has(error.status));

/** A signal that aborts after `ms`, or with `outer`; push() gives it the whole time again. */
export function deadline(ms, outer) {
  const controller = new AbortController();
  const forward = () => controller.abort(outer.reason);
  let passed = false;
  const expire = () => {
    passed = true;
    controller.abort();
  };
  let timer = setTimeout(expire, ms);
  if (outer?.aborted) forward();
  outer?.addEventListener('abort', forward, { once: true });
  return {
    signal: controller.signal,
    passed: () => passed,
    push() {
      clearTimeout(timer);
      timer = setTimeout(expire, ms);
    },
    clear() {
      clearTimeout(timer);
      outer?.removeEventListener('abort', forward);
    },
  };
}

// Node 18 has no global crypto, and a page without TLS no randomUUID.
const random = globalThis.crypto ?? (await import('node:crypto')).webcrypto;

function newKey() {
  const bytes = random.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

async function problemOf(answer) {
  const text = await answer.text();
  const seconds = Number(answer.headers.get('Retry-After') ?? NaN);
  const retryAfter = Number.isFinite(seconds) && seconds >= 0 ? seconds : undefined;
  try {
    const { code, detail } = JSON.parse(text);
    if (code) return { status: answer.status, code, detail, retryAfter };
  } catch {
    // A proxy's page, say.
  }
  return { status: answer.status, code: 'unknown', detail: text.slice(0, 200), retryAfter };
}
