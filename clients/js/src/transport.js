// Sends one call, as often as it takes: every attempt of a change carries the same Idempotency-Key, so
// that a lost answer costs nothing.
import { ApiError, ConnectionLost, Misconfigured, TollError, apiError } from './errors.js';
import { deadline, sleep } from './deadline.js';
import { decode, encode } from './json.js';

const RETRIED = new Set([408, 429, 503]);

const defaults = {
  token: undefined,
  attempts: 5,
  /** Of a call in all: every attempt, pause and Retry-After. */
  timeoutMs: 10_000,
  /** The pauses double from the first to the longest; each is shortened at random. */
  firstPauseMs: 200,
  longestPauseMs: 5_000,
};

export class Transport {
  constructor(baseUrl, options = {}) {
    const unknown = Object.keys(options).filter((name) => name !== 'fetch' && !(name in defaults));
    if (unknown.length > 0) throw new TypeError(`unknown option: ${unknown.join(', ')}`);
    this.options = { ...defaults, ...options };
    this.base = String(baseUrl).replace(/\/+$/, '');
    if (!/^https?:\/\/[^/?#\s]+[^?#\s]*$/.test(this.base)) throw new TypeError(`'${baseUrl}' is no URL of a server`);
    this.fetch = options.fetch ?? globalThis.fetch.bind(globalThis);
  }

  /** The decoded answer, or its text. `call`: {query, body, idempotencyKey, signal, attempts, text}. */
  async send(method, path, call = {}) {
    const headers = this.headers(call.text ? undefined : 'application/json');
    const body = call.body === undefined ? undefined : encode(call.body);
    if (body !== undefined) headers.set('Content-Type', 'application/json');
    const key = method === 'GET' ? undefined : (call.idempotencyKey ?? newKey());
    if (key !== undefined) headers.set('Idempotency-Key', key);
    const request = { method, headers, body };
    const limit = deadline(this.options.timeoutMs, call.signal);
    try {
      const attempt = () => this.attempt(this.url(path, call.query), request, limit);
      const text = await this.persist(attempt, call.attempts ?? this.options.attempts, limit);
      return call.text ? text : decode(text);
    } catch (error) {
      if (error instanceof TollError) error.idempotencyKey = key;
      throw error;
    } finally {
      limit.clear();
    }
  }

  /** By hand: React Native's URL and URLSearchParams do less than their names say. */
  url(path, query = {}) {
    const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== null);
    const text = given.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&');
    return this.base + path + (text && `?${text}`);
  }

  headers(accept) {
    const headers = new Headers();
    if (accept) headers.set('Accept', `${accept}, application/problem+json`);
    if (this.options.token !== undefined) headers.set('Authorization', `Bearer ${this.options.token}`);
    return headers;
  }

  async persist(attempt, attempts, limit) {
    for (let tried = 1; ; ++tried) {
      try {
        return await attempt();
      } catch (error) {
        const pauseMs = this.pauseMs(tried, error?.retryAfter);
        if (!isRetried(error) || tried >= attempts || pauseMs >= limit.left()) throw error;
        await sleep(pauseMs, limit.signal);
      }
    }
  }

  /** Exponential, and at random so that many clients do not come back at once. */
  pauseMs(tried, retryAfter = 0) {
    const { firstPauseMs, longestPauseMs } = this.options;
    const longest = Math.min(longestPauseMs, firstPauseMs * 2 ** (tried - 1));
    return retryAfter * 1000 + longest * (0.5 + Math.random() / 2);
  }

  /** The text of a success; throws what told() makes of anything else. */
  async attempt(url, request, limit) {
    try {
      const answer = await this.open(url, request, limit.signal);
      return await answer.text();
    } catch (error) {
      throw told(error, limit, 'no answer in time');
    }
  }

  /** A success whose body is still to be read; throws as fetch does, or ApiError. */
  async open(url, request, signal) {
    const answer = await this.fetch(url, { ...request, signal, redirect: 'error', cache: 'no-store' });
    if (answer.ok) return answer;
    throw apiError(await problemOf(answer));
  }
}

export const isRetried = (error) =>
  error instanceof ConnectionLost || (error instanceof ApiError && RETRIED.has(error.status));

/** What Node says of a certificate, a handshake, a name or a redirect; browsers say of none of them. */
const LASTING = /^(CERT_|ERR_TLS_|ERR_SSL_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|HOSTNAME_|ENOTFOUND$)|unexpected redirect/;

/** What to throw for what fetch threw: the reason of the caller's signal, or a TollError. */
export function told(error, limit, late) {
  if (limit.aborted()) return limit.reason();
  if (error instanceof TollError) return error;
  if (limit.passed()) return new ConnectionLost(late, { cause: error });
  const { code, message } = error.cause ?? error;
  if (LASTING.test(code ?? message)) return new Misconfigured(message, { cause: error });
  return new ConnectionLost(`no answer: ${message}`, { cause: error });
}

/** A key has to be unique, not secret: where there is no crypto (Node 18, React Native), Math.random will do. */
function newKey() {
  const bytes = new Uint8Array(16);
  if (globalThis.crypto?.getRandomValues) globalThis.crypto.getRandomValues(bytes);
  else bytes.forEach((_, i) => (bytes[i] = Math.random() * 256));
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
