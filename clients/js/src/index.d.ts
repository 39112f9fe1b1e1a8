// Types of the Toll API. Amounts are minor units, times RFC 3339 in UTC; all numbers are integers.
import type { TollEvent } from './events.js';
export * from './events.js';

/** As requests may have it: the server's own is always a string. */
export type Id = string | number | bigint;
export type Channel = 'text' | 'voice' | 'video';
export type Party = 'patient' | 'doctor' | 'server';
export type Units = Partial<Record<Channel, number>>;

export interface Options {
  /** One of 32 hexadecimal digits, new for each call, when absent. All attempts of a call use the same. */
  idempotencyKey?: string;
  signal?: AbortSignal;
}
export type ReadOptions = Pick<Options, 'signal'>;

export interface PageQuery {
  limit?: number;
  cursor?: string | null;
}
export interface Page<Item> {
  items: Item[];
  next_cursor: string | null;
}

export interface UnitCounts {
  granted: number;
  taken: number;
  refunded: number;
  held: number;
  free: number;
  remaining: number;
}
export interface Subscription {
  id: string;
  patient_id: string;
  members: string[];
  plan: string | null;
  payment_ref: string | null;
  starts_at: string;
  ends_at: string;
  rollover_days: number;
  status: 'active' | 'expired' | 'disabled';
  units: Record<Channel, UnitCounts>;
}
export interface Grant {
  patient_id: Id;
  units: Units;
  ends_at: string;
  members?: Id[];
  starts_at?: string;
  rollover_days?: number;
  plan?: string;
  payment_ref?: Id;
}
export interface SubscriptionChanges {
  status?: 'active' | 'disabled';
  members?: Id[];
  ends_at?: string;
}
export interface Balance {
  patient_id: string;
  units: Record<Channel, number>;
  subscriptions: string[];
}

export interface Doctor {
  doctor_id: string;
  currency: string;
}
export interface Wallet extends Doctor {
  balance: number;
  earned: number;
  withdrawn: number;
  pending: number;
}
export interface Entry {
  seq: number;
  at: string;
  kind: 'earning' | 'withdrawal' | 'withdrawal_rejected' | 'refund';
  amount: number;
  currency: string;
  session_id: string | null;
  subscription_id: string | null;
  units: number;
  payment_ref: string | null;
}
export interface Money {
  amount: number;
  currency: string;
}
export interface Withdrawal extends Money {
  id: string;
  doctor_id: string;
  status: 'requested' | 'approved' | 'rejected' | 'paid';
  requested_at: string;
  changed_at: string;
}

export type SessionStatus = 'waiting' | 'active' | 'ended' | 'expired' | 'missed';
export interface Start {
  id?: Id;
  channel: Channel;
  patient_id: Id;
  doctor_id: Id;
  external_ref?: Id;
}
export interface Session {
  id: string;
  channel: Channel;
  status: SessionStatus;
  patient_id: string;
  doctor_id: string;
  external_ref: string | null;
  created_at: string;
  response_deadline: string | null;
  activated_at: string | null;
  ended_at: string | null;
  ended_by: Party | null;
  end_reason: 'hangup' | 'cancelled' | 'exhausted' | 'expired' | 'missed' | null;
  reason: string | null;
  auto_deductions_processed: number;
  manual_deduction_applied: boolean;
  sessions_used: number;
  units_due: number;
  units_refunded: number;
  next_deduction_at: string | null;
  policy_version: number;
}
export interface Line {
  seq: number;
  at: string;
  kind: 'interval' | 'manual' | 'refund' | 'forgiven';
  interval: number | null;
  units: number;
  subscription_id: string | null;
  pay: Money;
  triggered_by: string;
  policy_version: number;
}
export interface Statement {
  session: Session;
  lines: Line[];
  next_cursor: string | null;
}
export interface SessionQuery extends PageQuery {
  patient_id?: Id;
  doctor_id?: Id;
  status?: SessionStatus;
}
export interface Deducted {
  deducted: number;
  intervals_due: number;
  session: Session;
}
export interface Ended {
  deducted: number;
  manual_unit: boolean;
  already_ended: boolean;
  session: Session;
}
export interface DeductedItem {
  session_id: string;
  deducted: number;
  status: number;
  code?: string;
}

export interface TollOptions {
  token?: string;
  /** How often one call is sent at most, 5. */
  attempts?: number;
  /** Of a call in all, pauses and further attempts included, 10,000. */
  timeoutMs?: number;
  /** Pauses between attempts double from this, 200, */
  firstPauseMs?: number;
  /** to this, 5,000; each is shortened at random. */
  longestPauseMs?: number;
  /** Instead of the global one. */
  fetch?: typeof fetch;
}

export class Toll {
  constructor(baseUrl: string | URL, options?: TollOptions);

  putSubscription(id: Id, body: Grant, options?: Options): Promise<Subscription>;
  getSubscription(id: Id, options?: ReadOptions): Promise<Subscription>;
  patchSubscription(id: Id, body: SubscriptionChanges, options?: Options): Promise<Subscription>;
  topUp(id: Id, units: Units, options?: Options): Promise<Subscription>;
  balance(patientId: Id, options?: ReadOptions): Promise<Balance>;

  putDoctor(id: Id, body?: { currency?: string }, options?: Options): Promise<Doctor>;
  wallet(doctorId: Id, options?: ReadOptions): Promise<Wallet>;
  entriesPage(doctorId: Id, query?: PageQuery, options?: ReadOptions): Promise<Page<Entry>>;
  entries(doctorId: Id, query?: PageQuery, options?: ReadOptions): AsyncGenerator<Entry, void>;
  requestWithdrawal(doctorId: Id, body: Money, options?: Options): Promise<Withdrawal>;
  approveWithdrawal(id: Id, options?: Options): Promise<Withdrawal>;
  rejectWithdrawal(id: Id, options?: Options): Promise<Withdrawal>;
  payWithdrawal(id: Id, options?: Options): Promise<Withdrawal>;

  startSession(body: Start, options?: Options): Promise<Session>;
  sendMessage(id: Id, from: 'patient' | 'doctor', options?: Options): Promise<Session>;
  activate(id: Id, options?: Options): Promise<Session>;
  deduct(id: Id, body?: { triggered_by?: string }, options?: Options): Promise<Deducted>;
  deductAll(sessionIds: Id[], options?: Options): Promise<{ items: DeductedItem[] }>;
  end(id: Id, body?: { ended_by?: Party; reason?: string }, options?: Options): Promise<Ended>;
  refund(
    id: Id,
    body: { units: number; reason: string },
    options?: Options,
  ): Promise<{ refunded: number; session: Session }>;
  getSession(id: Id, options?: ReadOptions): Promise<Session>;
  sessionsPage(query?: SessionQuery, options?: ReadOptions): Promise<Page<Session>>;
  sessions(query?: SessionQuery, options?: ReadOptions): AsyncGenerator<Session, void>;
  statement(id: Id, query?: PageQuery, options?: ReadOptions): Promise<Statement>;
  statementLines(id: Id, query?: PageQuery, options?: ReadOptions): AsyncGenerator<Line, void>;

  eventsPage(
    query?: { after?: number; limit?: number },
    options?: ReadOptions,
  ): Promise<{ items: TollEvent[]; next_after: number }>;
  /** Every fact after `after`, up to the newest. */
  events(query?: { after?: number; limit?: number }, options?: ReadOptions): AsyncGenerator<TollEvent, void>;
  /** Every fact after `after`, and then each new one as it happens, until the signal is aborted.
   *  React Native asks for them, each `pollMs` (2,000). */
  stream(options?: { after?: number; signal?: AbortSignal; pollMs?: number }): AsyncGenerator<TollEvent, void>;
  /** False as well when nobody answers. */
  isLive(options?: ReadOptions): Promise<boolean>;
  isReady(options?: ReadOptions): Promise<boolean>;
  metrics(options?: ReadOptions): Promise<string>;
  openapi(options?: ReadOptions): Promise<object>;

  testClock(options?: ReadOptions): Promise<{ now: string }>;
  advanceTestClock(
    body: { advance_ms: number; run_timers?: boolean },
    options?: Options,
  ): Promise<{ now: string }>;
}

export class TollError extends Error {
  idempotencyKey: string | undefined;
}
export class ConnectionLost extends TollError {}
export class Misconfigured extends TollError {}
export class UnreadableAnswer extends TollError {}
export class ApiError extends TollError {
  status: number;
  code: string;
  detail: string;
  retryAfter: number | undefined;
}
export class InvalidRequest extends ApiError {}
export class Unauthenticated extends ApiError {}
export class NoUnits extends ApiError {}
export class Forbidden extends ApiError {}
export class NotFound extends ApiError {}
export class Conflict extends ApiError {}
export class RateLimited extends ApiError {}
export class Unavailable extends ApiError {}
