// Every route of the API as a method. Fields have the names that the API gives them; `options` of a
// call are {idempotencyKey, signal}.
import { ConnectionLost, Unavailable } from './errors.js';
import { segment } from './ids.js';
import { Transport } from './transport.js';
import { stream } from './stream.js';

const subscription = (id) => `/v1/subscriptions/${segment(id)}`;
const doctor = (id) => `/v1/doctors/${segment(id)}`;
const session = (id) => `/v1/sessions/${segment(id)}`;
const withdrawal = (id) => `/v1/withdrawals/${segment(id)}`;

export class Toll {
  #transport;

  constructor(baseUrl, options) {
    this.#transport = new Transport(baseUrl, options);
  }

  // Subscriptions and patients

  putSubscription(id, body, options) {
    return this.#send('PUT', subscription(id), { ...options, body });
  }
  getSubscription(id, options) {
    return this.#send('GET', subscription(id), options);
  }
  patchSubscription(id, body, options) {
    return this.#send('PATCH', subscription(id), { ...options, body });
  }
  topUp(id, units, options) {
    return this.#send('POST', `${subscription(id)}/topups`, { ...options, body: { units } });
  }
  balance(patientId, options) {
    return this.#send('GET', `/v1/patients/${segment(patientId)}/balance`, options);
  }

  // Doctors

  putDoctor(id, body = {}, options = {}) {
    return this.#send('PUT', doctor(id), { ...options, body });
  }
  wallet(doctorId, options) {
    return this.#send('GET', `${doctor(doctorId)}/wallet`, options);
  }
  entriesPage(doctorId, query, options) {
    return this.#send('GET', `${doctor(doctorId)}/wallet/entries`, { ...options, query });
  }
  entries(doctorId, query, options) {
    return pages((page) => this.entriesPage(doctorId, page, options), query, 'items');
  }
  requestWithdrawal(doctorId, body, options) {
    return this.#send('POST', `${doctor(doctorId)}/withdrawals`, { ...options, body });
  }
  approveWithdrawal(id, options) {
    return this.#send('POST', `${withdrawal(id)}/approve`, options);
  }
  rejectWithdrawal(id, options) {
    return this.#send('POST', `${withdrawal(id)}/reject`, options);
  }
  payWithdrawal(id, options) {
    return this.#send('POST', `${withdrawal(id)}/pay`, options);
  }

  // Sessions

  startSession(body, options) {
    return this.#send('POST', '/v1/sessions', { ...options, body });
  }
  sendMessage(id, from, options) {
    return this.#send('POST', `${session(id)}/messages`, { ...options, body: { from } });
  }
  activate(id, options) {
    return this.#send('POST', `${session(id)}/activate`, options);
  }
  deduct(id, body = {}, options = {}) {
    return this.#send('POST', `${session(id)}/deduct`, { ...options, body });
  }
  deductAll(sessionIds, options) {
    const items = sessionIds.map((session_id) => ({ session_id }));
    return this.#send('POST', '/v1/deductions', { ...options, body: { items } });
  }
  end(id, body = {}, options = {}) {
    return this.#send('POST', `${session(id)}/end`, { ...options, body });
  }
  refund(id, body, options) {
    return this.#send('POST', `${session(id)}/refunds`, { ...options, body });
  }
  getSession(id, options) {
    return this.#send('GET', session(id), options);
  }
  sessionsPage(query, options) {
    return this.#send('GET', '/v1/sessions', { ...options, query });
  }
  sessions(query, options) {
    return pages((page) => this.sessionsPage(page, options), query, 'items');
  }
  statement(id, query, options) {
    return this.#send('GET', `${session(id)}/statement`, { ...options, query });
  }
  statementLines(id, query, options) {
    return pages((page) => this.statement(id, page, options), query, 'lines');
  }

  // Feed, health

  eventsPage(query, options) {
    return this.#send('GET', '/v1/events', { ...options, query });
  }
  /** Every fact after `after`, up to the newest. */
  async *events({ after = 0, limit = 500 } = {}, options = {}) {
    for (;;) {
      const page = await this.eventsPage({ after, limit }, options);
      if (page.items.length === 0) return;
      yield* page.items;
      after = page.next_after;
    }
  }
  /** Every fact after `after`, and then each new one as it happens. */
  stream(options) {
    return stream(this.#transport, options);
  }
  async isLive(options) {
    return this.#answers('/livez', options);
  }
  async isReady(options) {
    return this.#answers('/readyz', options);
  }
  metrics(options) {
    return this.#send('GET', '/metrics', { ...options, text: true });
  }
  /** Without the care for exact numbers: the document names bounds that no number of JavaScript is. */
  async openapi(options) {
    return JSON.parse(await this.#send('GET', '/openapi.json', { ...options, text: true }));
  }

  // A server with --test-clock

  testClock(options) {
    return this.#send('GET', '/v1/test/clock', options);
  }
  advanceTestClock(body, options) {
    return this.#send('POST', '/v1/test/clock', { ...options, body });
  }

  #send(method, path, call) {
    return this.#transport.send(method, path, call);
  }

  async #answers(path, options) {
    try {
      await this.#send('GET', path, { ...options, text: true, attempts: 1 });
      return true;
    } catch (error) {
      if (error instanceof Unavailable || error instanceof ConnectionLost) return false;
      throw error;
    }
  }
}

async function* pages(page, query, field) {
  let cursor = query?.cursor;
  do {
    const answer = await page({ limit: 500, ...query, cursor });
    yield* answer[field];
    cursor = answer.next_cursor;
  } while (cursor);
}
