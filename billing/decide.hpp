// Deciding: which fact, if any, follows from a state, a command and an instant. Pure: the caller
// appends the fact and applies it. Source of each rule: docs/RULES.md, by the section named.
#pragma once

#include <variant>

#include "billing/facts.hpp"
#include "billing/outage.hpp"
#include "billing/refusal.hpp"

namespace toll::billing {

template <class T>
using Decision = std::variant<T, Refusal>;

/// A session at an instant under its policy; `at` is not before session.last_at.
struct Moment {
  const Session& session;
  const Policy& policy;
  Instant at;
};

// --- Life of a session ("Life of a session", "What is due") ---

/// The end of a waiting session whose deadline has passed.
std::optional<Ended> pass_deadline(const Moment& moment);

/// The start of the response deadline, at the patient's first message to a waiting text session.
std::optional<DeadlineSet> patient_message(const Moment& moment);

/// Activation of a waiting session.
std::optional<Activated> activate(const Moment& moment);

/// The end by a hang-up. Requires a live session with no boundary due and no deadline passed.
Ended hang_up(const Moment& moment, Party by, std::optional<std::string> reason,
              std::string triggered_by);

/// The end at the next boundary, because nobody gives the next unit: that interval is taken.
Ended exhaust(const Moment& moment, std::string triggered_by);

/// The boundaries that may be charged now: all that are due, but inside an outage that is under way
/// only the first ones, by the downtime policy, the longest outage that is charged, and the
/// operator's word. A cap counts what fell into it and into those before it that had less than one
/// interval of service between them.
std::int64_t chargeable(const Moment& moment, const Outages& outages);

/// Forgives every boundary due in an outage, once none is chargeable any more.
std::optional<Forgiven> forgive(const Moment& moment, const Outages& outages,
                                std::string triggered_by);

// --- Where units come from ---

/// What a session asks of a subscription at a boundary. Carries all that the record needs, because
/// the subscription that gives the next unit writes the record itself.
struct ChargeQuestion {
  std::string session;
  Version version = 0;  ///< of the record that will answer
  std::string patient;
  std::string doctor;
  Channel channel = Channel::text;
  Instant created_at = 0;
  Seq created_seq = 0;
  bool grandfather = true;
  std::int64_t first_interval = 0;
  std::int64_t boundaries = 0;  ///< due now, at most max_boundaries
  Instant first_boundary = 0;
  Instant interval_ms = 0;
  Hold held;
  Money rate;
  std::string triggered_by;
};
inline constexpr std::int64_t max_boundaries = 256;

ChargeQuestion charge_question(const Moment& moment, std::int64_t boundaries,
                               std::string triggered_by);

/// The deduction for as many boundaries as this subscription can serve; none if it cannot give.
std::optional<Charged> charge(const Subscription& subscription, const ChargeQuestion& question);

/// What a session that is about to start asks of a subscription.
struct StartQuestion {
  std::string session;
  Channel channel = Channel::text;
  std::string patient;
  std::string doctor;
  Currency currency;
  std::optional<std::string> external_ref;
  std::uint32_t policy_version = 0;
  bool grandfather = true;
};

bool could_start(const Subscription& subscription, const StartQuestion& question, Instant at);
std::optional<Created> start(const Subscription& subscription, const StartQuestion& question,
                             Instant at);

/// The same id and content again is an answer, not a conflict.
bool same_start(const Session& session, Channel channel, const std::string& patient,
                const std::string& doctor, const std::optional<std::string>& external_ref);

// --- Money back and money out ("Paying the doctor") ---

/// The records that give `units` back, newest first, one for each subscription concerned.
Decision<std::vector<Refunded>> refund(const Moment& moment, std::int64_t units,
                                       const std::string& reason);

Decision<WithdrawalRequested> request_withdrawal(const Doctor& doctor,
                                                 const std::string& withdrawal,
                                                 const Money& amount);
Decision<WithdrawalMoved> move_withdrawal(const Doctor& doctor, const Withdrawal& withdrawal,
                                          WithdrawalStatus to);

// --- Subscriptions and doctors ---

struct Change {
  std::optional<bool> enabled;
  std::optional<std::vector<std::string>> members;
  std::optional<Instant> ends_at;
};

/// None of the three: the change would change nothing, and is not recorded.
using ChangeDecision = std::variant<std::monostate, Changed, Refusal>;
/// `oldest_live`: no session that a record before this one created is live.
ChangeDecision change(const Subscription& subscription, Change change, Instant at, Seq oldest_live);

Decision<ToppedUp> top_up(const Subscription& subscription, const Units& units);

/// `doctor` is null when he is not known; `currency` is absent when the request names none.
using RegisterDecision = std::variant<std::monostate, DoctorRegistered, Refusal>;
RegisterDecision register_doctor(const std::string& id, const Doctor* doctor,
                                 std::optional<Currency> currency, const Policy& policy);

}  // namespace toll::billing
