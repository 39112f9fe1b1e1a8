// The facts of the feed, as docs/EVENTS.md describes them. Others may be added: a switch needs a default.
import type { Channel, Party } from './index.js';

interface Fact<Type extends string> {
  seq: number;
  at: string;
  type: Type;
}
/** What a doctor earns, or is paid, by a fact. */
interface Pay {
  doctor_id: string;
  amount: number;
  currency: string;
}
interface OfSession {
  session_id: string;
}

export interface Granted extends Fact<'granted'> {
  subscription_id: string;
  patient_id: string;
  members: string[];
  units: Record<Channel, number>;
  starts_at: string;
  ends_at: string;
  rollover_days: number;
  plan: string | null;
  payment_ref: string | null;
}
export interface Changed extends Fact<'changed'> {
  subscription_id: string;
  status?: 'active' | 'disabled';
  members?: string[];
  ends_at?: string;
  rollover_days?: 0;
}
export interface ToppedUp extends Fact<'topped_up'> {
  subscription_id: string;
  units: Record<Channel, number>;
}
export interface DoctorRegistered extends Fact<'doctor_registered'> {
  doctor_id: string;
  currency: string;
}
export interface Created extends Fact<'created'>, OfSession {
  channel: Channel;
  patient_id: string;
  doctor_id: string;
  currency: string;
  external_ref: string | null;
  policy_version: number;
  held_on: string;
}
export interface DeadlineSet extends Fact<'deadline_set'>, OfSession {
  response_deadline: string;
}
export interface Activated extends Fact<'activated'>, OfSession {}
export interface Charged extends Fact<'charged'>, OfSession, Pay {
  channel: Channel;
  interval: number;
  units: number;
  subscription_id: string;
  held_on: string;
  triggered_by: string;
}
export interface Forgiven extends Fact<'forgiven'>, OfSession {
  interval: number;
  intervals: number;
  triggered_by: string;
}
interface Over<Type extends string, Reason extends string> extends Fact<Type>, OfSession, Pay {
  channel: Channel;
  ended_at: string;
  ended_by: Party;
  end_reason: Reason;
  reason: string | null;
  interval: number | null;
  manual_unit: boolean;
  units: number;
  subscription_id: string;
  triggered_by: string;
}
export interface SessionEnded extends Over<'ended', 'hangup' | 'cancelled' | 'exhausted'> {}
export interface SessionExpired extends Over<'expired', 'expired'> {}
export interface SessionMissed extends Over<'missed', 'missed'> {}
export interface Refunded extends Fact<'refunded'>, OfSession, Pay {
  channel: Channel;
  units: number;
  subscription_id: string;
  reason: string;
}
interface OfWithdrawal extends Pay {
  withdrawal_id: string;
}
export interface WithdrawalRequested extends Fact<'withdrawal_requested'>, OfWithdrawal {}
export interface WithdrawalApproved extends Fact<'withdrawal_approved'>, OfWithdrawal {
  status: 'approved';
}
export interface WithdrawalRejected extends Fact<'withdrawal_rejected'>, OfWithdrawal {
  status: 'rejected';
}
export interface WithdrawalPaid extends Fact<'withdrawal_paid'>, OfWithdrawal {
  status: 'paid';
}
export interface PolicyRecorded extends Fact<'policy_recorded'> {
  policy_version: number;
  policy: Record<string, unknown>;
}
export interface OutageBegan extends Fact<'outage_began'> {
  since: string;
}
export interface OutageJudged extends Fact<'outage_judged'> {
  since: string;
  verdict: 'bill' | 'forgive';
}
export interface Ready extends Fact<'ready'> {}
export interface BatchAnswered extends Fact<'batch_answered'> {
  items: number;
}
export interface ClockAdvanced extends Fact<'clock_advanced'> {}
export interface HistoryGivenUp extends Fact<'history_given_up'> {
  after: number;
  lost_to: number;
}
export interface ClockAccepted extends Fact<'clock_accepted'> {
  from: string;
}
export interface ClockResumed extends Fact<'clock_resumed'> {
  offset_ms: number;
}

export type TollEvent =
  | Granted
  | Changed
  | ToppedUp
  | DoctorRegistered
  | Created
  | DeadlineSet
  | Activated
  | Charged
  | Forgiven
  | SessionEnded
  | SessionExpired
  | SessionMissed
  | Refunded
  | WithdrawalRequested
  | WithdrawalApproved
  | WithdrawalRejected
  | WithdrawalPaid
  | PolicyRecorded
  | OutageBegan
  | OutageJudged
  | Ready
  | BatchAnswered
  | ClockAdvanced
  | HistoryGivenUp
  | ClockAccepted
  | ClockResumed;
