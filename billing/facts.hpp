// Facts: what the journal says has happened, in the past tense. One fact is one indivisible change;
// every entity is the fold of the facts that name it (apply.hpp).
#pragma once

#include <array>
#include <variant>

#include "billing/doctor.hpp"
#include "billing/outage.hpp"
#include "billing/policy.hpp"
#include "billing/refusal.hpp"
#include "billing/session.hpp"
#include "billing/subscription.hpp"

namespace toll::billing {

/// A subscription was sold. Owner of the version: the subscription.
struct Granted {
  std::string subscription;
  Version version = 0;
  std::string patient;
  std::vector<std::string> members;
  Units units{};
  Instant starts_at = 0;
  Instant ends_at = 0;
  std::int32_t rollover_days = 0;
  std::optional<std::string> plan;
  std::optional<std::string> payment_ref;
  std::string fingerprint;
  bool operator==(const Granted&) const = default;
};

/// Only the fields that are present changed; members replaces the list. A new end is not extended
/// by a rollover; in a record without `oldest_live` it is, if its rollover was still to come.
struct Changed {
  std::string subscription;
  Version version = 0;
  std::optional<bool> enabled;
  std::optional<std::vector<std::string>> members;
  std::optional<Instant> ends_at;
  /// With ends_at: no session that a record before this one created was live any more.
  std::optional<Seq> oldest_live;
  bool operator==(const Changed&) const = default;
};

struct ToppedUp {
  std::string subscription;
  Version version = 0;
  Units units{};
  bool operator==(const ToppedUp&) const = default;
};

/// Owner of the version: the doctor.
struct DoctorRegistered {
  std::string doctor;
  Version version = 0;
  Currency currency;
  bool operator==(const DoctorRegistered&) const = default;
};

/// A session began and holds its first unit. Makes the doctor when he is not known yet.
/// Owner of the version, here and in the five facts below: the session.
struct Created {
  std::string session;
  Version version = 0;
  Channel channel = Channel::text;
  std::string patient;
  std::string doctor;
  Currency currency;
  std::optional<std::string> external_ref;
  std::uint32_t policy_version = 0;
  Hold hold;
  bool operator==(const Created&) const = default;
};

/// The patient's first message started the response deadline.
struct DeadlineSet {
  std::string session;
  Version version = 0;
  Instant deadline = 0;
  bool operator==(const DeadlineSet&) const = default;
};

/// Billing started, at the instant of the record.
struct Activated {
  std::string session;
  Version version = 0;
  bool operator==(const Activated&) const = default;
};

/// Units were taken for the intervals first_interval .. first_interval + units - 1, the doctor was
/// paid for them, and the next unit is held. More than one unit only if all of them, and the next
/// one, come from one subscription: so a fact is one entry in the wallet.
struct Charged {
  std::string session;
  Version version = 0;
  Channel channel = Channel::text;
  std::int64_t first_interval = 0;
  std::int64_t units = 0;
  Hold taken;  ///< the unit that was held until now
  Hold hold;   ///< the unit that is held from now on
  std::string doctor;
  Money pay;  ///< units x rate
  std::string triggered_by;
  bool operator==(const Charged&) const = default;
};

/// Boundaries inside an outage that cost nothing, by the downtime policy. The hold stays.
struct Forgiven {
  std::string session;
  Version version = 0;
  std::int64_t first_interval = 0;
  std::int64_t intervals = 0;
  std::string triggered_by;
  bool operator==(const Forgiven&) const = default;
};

/// The session reached a terminal status; the held unit was taken (units 1) or released (units 0).
struct Ended {
  std::string session;
  Version version = 0;
  Channel channel = Channel::text;
  Status status = Status::ended;
  Instant ended_at = 0;
  Party ended_by = Party::server;
  EndReason end_reason = EndReason::hangup;
  std::optional<std::string> reason;
  std::int64_t interval = 0;  ///< the completed interval that the unit pays; 0: the manual unit
  std::int64_t units = 0;
  Hold hold;  ///< what was held until now
  std::string doctor;
  Money pay;
  std::string triggered_by;
  bool manual() const { return units == 1 && interval == 0; }
  bool operator==(const Ended&) const = default;
};

struct PolicyRecorded {
  std::uint32_t version = 0;
  Policy policy;
  bool operator==(const PolicyRecorded&) const = default;
};

/// The server has done nothing of what fell due since `since`: the last sign of life before this
/// start, or the first change that was refused.
struct OutageBegan {
  Instant since = 0;
  bool operator==(const OutageBegan&) const = default;
};

/// The outage is over: everything that fell into it is charged or forgiven.
struct Ready {
  bool operator==(const Ready&) const = default;
};

/// The amount left the balance and is pending. Owner of the version, here and below: the doctor.
struct WithdrawalRequested {
  std::string withdrawal;
  std::string doctor;
  Version version = 0;
  Money amount;
  bool operator==(const WithdrawalRequested&) const = default;
};

/// Approved, rejected (the amount is back in the balance) or paid.
struct WithdrawalMoved {
  std::string withdrawal;
  std::string doctor;
  Version version = 0;
  WithdrawalStatus status = WithdrawalStatus::approved;
  Money amount;
  bool operator==(const WithdrawalMoved&) const = default;
};

/// Units went back to the subscription that gave them, newest first, and the doctor's pay for them
/// was taken back. Owner of the version: the session. A refund of units that several subscriptions
/// gave is several of these, appended as one.
struct Refunded {
  std::string session;
  Version version = 0;
  Channel channel = Channel::text;
  Hold payer;
  std::int64_t units = 0;
  std::string doctor;
  Money pay;  ///< what is taken back, positive
  std::string reason;
  bool operator==(const Refunded&) const = default;
};

/// What one item of a batch was answered.
struct BatchItem {
  std::int64_t deducted = 0;
  std::optional<Refusal> refusal;
  bool served = true;  ///< false: the server was too busy for it
  bool operator==(const BatchItem&) const = default;
};

/// A batch with an idempotency key is done. What its items changed is in records of their own; this
/// one only carries the cause and remembers the answer.
struct BatchAnswered {
  std::vector<BatchItem> items;
  bool operator==(const BatchAnswered&) const = default;
};

/// The test clock was moved to the instant of the record, by a request with an idempotency key.
struct ClockAdvanced {
  bool operator==(const ClockAdvanced&) const = default;
};

/// Records after `after` are lost and were given up by the operator: another history begins here.
struct HistoryGivenUp {
  Seq after = 0;    ///< the record before this one
  Seq lost_to = 0;  ///< the last one that is known to have been on disk
  bool operator==(const HistoryGivenUp&) const = default;
};

/// An operator took the wall clock, which was ahead, as it is: server time went from `from` to the
/// instant of the record.
struct ClockAccepted {
  Instant from = 0;
  bool operator==(const ClockAccepted&) const = default;
};

/// Server time is so far ahead of the wall clock at the instant of the record, and goes on from
/// there (clock_offset.hpp), because an operator says so; 0: the two have met.
struct ClockResumed {
  Instant offset_ms = 0;
  bool operator==(const ClockResumed&) const = default;
};

/// An operator has said what the outage under way costs.
struct OutageJudged {
  Instant since = 0;  ///< of the outage
  OutageVerdict verdict = OutageVerdict::bill;
  bool operator==(const OutageJudged&) const = default;
};

/// The order of the alternatives is part of the format on disk (persistence/format.hpp).
using Fact = std::variant<Granted, Changed, ToppedUp, DoctorRegistered, Created, DeadlineSet,
                          Activated, Charged, Forgiven, Ended, PolicyRecorded, OutageBegan, Ready,
                          WithdrawalRequested, WithdrawalMoved, Refunded, BatchAnswered,
                          ClockAdvanced, HistoryGivenUp, ClockAccepted, ClockResumed, OutageJudged>;

/// The type of a fact in the event feed, such as "charged".
std::string_view name(const Fact& fact);

/// Half a SHA-256: enough to tell requests apart.
using RequestDigest = std::array<char, 16>;

/// The request with an idempotency key that a record completes, and what else is needed to give its
/// answer again: the rest of the answer is the state of the record's owner just after the record.
struct Cause {
  RequestDigest key{};      ///< of who asked and his key
  RequestDigest request{};  ///< of method, route and body
  std::int64_t deducted = 0;
  std::int64_t intervals_due = 0;
  std::int64_t refunded = 0;
  bool operator==(const Cause&) const = default;
};

/// A fact in its place: what one journal record says.
struct Record {
  Seq seq = 0;
  Instant at = 0;
  Fact fact;
  std::optional<Cause> cause{};
  bool operator==(const Record&) const = default;
};

}  // namespace toll::billing
