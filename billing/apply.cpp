#include "billing/apply.hpp"

#include <algorithm>

#include "billing/assert.hpp"

namespace toll::billing {

namespace {

template <class Entity>
void next_version(Entity& entity, Version version) {
  TOLL_ASSERT(version == entity.version + 1);
  entity.version = version;
}

template <class Entity>
void move_time(Entity& entity, Instant at) {
  entity.last_at = std::max(entity.last_at, at);
}

/// A fact that the session owns: the next version, and time goes on.
template <class Fact>
void own(Session& session, const Fact& fact, Instant at) {
  TOLL_ASSERT(session.id == fact.session && session.live());
  next_version(session, fact.version);
  move_time(session, at);
}

void take(Session& session, const Hold& hold, std::int64_t units) {
  session.units_used = checked_add(session.units_used, units);
  if (!session.runs.empty() && session.runs.back().subscription == hold.subscription) {
    session.runs.back().units += units;
  } else {
    session.runs.push_back({hold.subscription, hold.payment_ref, units});
  }
}

void earn(Doctor& doctor, const std::string& id, const Money& pay) {
  TOLL_ASSERT(doctor.id == id && doctor.currency == pay.currency && pay.amount >= 0);
  doctor.earned = checked_add(doctor.earned, pay.amount);
}

/// The end that is about to change, for the sessions that were created under it; those that nobody
/// can ask for any more are forgotten.
void remember_end(Subscription& subscription, Seq oldest_live, Seq changed_by) {
  std::erase_if(subscription.earlier_ends,
                [&](const EarlierEnd& it) { return it.until <= oldest_live; });
  subscription.earlier_ends.push_back({changed_by, effective_end(subscription)});
}

/// granted + refunded = free + held + taken, all >= 0.
void check_counts(const Subscription& subscription, Channel channel) {
  const auto c = index(channel);
  TOLL_ASSERT(subscription.held[c] >= 0 && subscription.taken[c] >= 0);
  TOLL_ASSERT(subscription.free(channel) >= 0);
}

}  // namespace

Session created(const Created& fact, Seq seq, Instant at) {
  TOLL_ASSERT(fact.version == 1);
  Session session;
  session.id = fact.session;
  session.version = fact.version;
  session.channel = fact.channel;
  session.patient = fact.patient;
  session.doctor = fact.doctor;
  session.external_ref = fact.external_ref;
  session.currency = fact.currency;
  session.policy_version = fact.policy_version;
  session.created_seq = seq;
  session.created_at = at;
  session.last_at = at;
  session.hold = fact.hold;
  return session;
}

void apply(Session& session, const DeadlineSet& fact, Instant at) {
  own(session, fact, at);
  TOLL_ASSERT(session.status == Status::waiting && !session.response_deadline);
  session.response_deadline = fact.deadline;
}

void apply(Session& session, const Activated& fact, Instant at) {
  own(session, fact, at);
  TOLL_ASSERT(session.status == Status::waiting && !session.activated_at);
  session.status = Status::active;
  session.activated_at = at;
}

void apply(Session& session, const Charged& fact, Instant at) {
  own(session, fact, at);
  TOLL_ASSERT(session.status == Status::active && session.hold == fact.taken);
  TOLL_ASSERT(fact.first_interval == session.intervals_processed + 1 && fact.units >= 1);
  TOLL_ASSERT(fact.units == 1 || fact.taken == fact.hold);
  take(session, fact.taken, fact.units);
  session.intervals_processed += fact.units;
  session.hold = fact.hold;
}

void apply(Session& session, const Forgiven& fact, Instant at) {
  own(session, fact, at);
  TOLL_ASSERT(session.status == Status::active && fact.intervals >= 1);
  TOLL_ASSERT(fact.first_interval == session.intervals_processed + 1);
  session.intervals_processed += fact.intervals;
}

void apply(Session& session, const Ended& fact, Instant at) {
  own(session, fact, at);
  TOLL_ASSERT(session.hold == fact.hold && (fact.units == 0 || fact.units == 1));
  if (fact.units == 1) {
    TOLL_ASSERT(session.status == Status::active && !session.manual_applied);
    take(session, fact.hold, 1);
    session.manual_applied = fact.manual();
    if (!fact.manual()) {
      TOLL_ASSERT(fact.interval == session.intervals_processed + 1);
      session.intervals_processed += 1;
    }
  }
  session.hold.reset();
  session.status = fact.status;
  session.ended_at = fact.ended_at;
  session.ended_by = fact.ended_by;
  session.end_reason = fact.end_reason;
  session.reason = fact.reason;
  TOLL_ASSERT(!session.live());
}

void apply(Session& session, const Refunded& fact, Instant at) {
  TOLL_ASSERT(session.id == fact.session && fact.units >= 1);
  next_version(session, fact.version);
  move_time(session, at);
  TOLL_ASSERT(!session.runs.empty());
  Run& newest = session.runs.back();
  TOLL_ASSERT(newest.subscription == fact.payer.subscription && newest.units >= fact.units);
  newest.units -= fact.units;
  if (newest.units == 0) session.runs.pop_back();
  session.units_refunded += fact.units;
  TOLL_ASSERT(session.units_refunded <= session.units_used);
}

Subscription granted(const Granted& fact, Instant at) {
  TOLL_ASSERT(fact.version == 1 && fact.starts_at < fact.ends_at);
  Subscription subscription;
  subscription.id = fact.subscription;
  subscription.version = fact.version;
  subscription.patient = fact.patient;
  subscription.members = fact.members;
  subscription.starts_at = fact.starts_at;
  subscription.ends_at = fact.ends_at;
  subscription.rollover_days = fact.rollover_days;
  subscription.plan = fact.plan;
  subscription.payment_ref = fact.payment_ref;
  subscription.fingerprint = fact.fingerprint;
  subscription.last_at = at;
  subscription.granted = fact.units;
  return subscription;
}

void apply(Subscription& subscription, const Placed<Changed>& placed, Instant at) {
  const Changed& fact = placed.fact;
  TOLL_ASSERT(subscription.id == fact.subscription);
  next_version(subscription, fact.version);
  move_time(subscription, at);
  if (fact.enabled) subscription.enabled = *fact.enabled;
  if (fact.members) subscription.members = *fact.members;
  if (fact.ends_at) {
    if (fact.oldest_live) remember_end(subscription, *fact.oldest_live, placed.seq);
    // In records of the first edition an end that was given before the rollover was still extended.
    if (fact.oldest_live || at >= subscription.ends_at) subscription.rollover_days = 0;
    subscription.ends_at = *fact.ends_at;
    TOLL_ASSERT(subscription.starts_at < subscription.ends_at);
  }
}

void apply(Subscription& subscription, const ToppedUp& fact, Instant at) {
  TOLL_ASSERT(subscription.id == fact.subscription);
  next_version(subscription, fact.version);
  move_time(subscription, at);
  for (std::size_t c = 0; c < fact.units.size(); ++c) {
    subscription.granted[c] += fact.units[c];
    TOLL_ASSERT(fact.units[c] >= 0 && subscription.granted[c] <= max_units);
  }
}

void apply(Subscription& subscription, const Created& fact, Instant at) {
  TOLL_ASSERT(fact.hold.subscription == subscription.id);
  subscription.held[index(fact.channel)] += 1;
  move_time(subscription, at);
  check_counts(subscription, fact.channel);
}

void apply(Subscription& subscription, const Charged& fact, Instant at) {
  const auto c = index(fact.channel);
  if (fact.taken.subscription == subscription.id) {
    subscription.taken[c] += fact.units;
    subscription.held[c] -= 1;
  }
  if (fact.hold.subscription == subscription.id) subscription.held[c] += 1;
  move_time(subscription, at);
  check_counts(subscription, fact.channel);
}

void apply(Subscription& subscription, const Ended& fact, Instant at) {
  TOLL_ASSERT(fact.hold.subscription == subscription.id);
  const auto c = index(fact.channel);
  subscription.held[c] -= 1;
  subscription.taken[c] += fact.units;
  move_time(subscription, at);
  check_counts(subscription, fact.channel);
}

void apply(Subscription& subscription, const Refunded& fact, Instant at) {
  TOLL_ASSERT(fact.payer.subscription == subscription.id);
  const auto c = index(fact.channel);
  subscription.refunded[c] += fact.units;
  move_time(subscription, at);
  TOLL_ASSERT(subscription.refunded[c] <= subscription.taken[c]);
  check_counts(subscription, fact.channel);
}

Withdrawal requested(const WithdrawalRequested& fact, Instant at) {
  return {fact.withdrawal, fact.doctor, fact.amount, WithdrawalStatus::requested, at, at};
}

void apply(Withdrawal& withdrawal, const WithdrawalMoved& fact, Instant at) {
  TOLL_ASSERT(withdrawal.id == fact.withdrawal && withdrawal.doctor == fact.doctor);
  TOLL_ASSERT(withdrawal.amount == fact.amount && may_move(withdrawal.status, fact.status));
  withdrawal.status = fact.status;
  withdrawal.changed_at = at;
}

void apply(Doctor& doctor, const DoctorRegistered& fact) {
  TOLL_ASSERT(doctor.id == fact.doctor && !doctor.named);
  next_version(doctor, fact.version);
  doctor.currency = fact.currency;
}

void apply(Doctor& doctor, const Created& fact) {
  TOLL_ASSERT(doctor.id == fact.doctor);
  // A doctor made by a session takes the session's currency, which is the default one.
  TOLL_ASSERT(doctor.currency == fact.currency);
  doctor.named = true;
}

void apply(Doctor& doctor, const Charged& fact) { earn(doctor, fact.doctor, fact.pay); }

void apply(Doctor& doctor, const Ended& fact) { earn(doctor, fact.doctor, fact.pay); }

void apply(Doctor& doctor, const Refunded& fact) {
  TOLL_ASSERT(doctor.id == fact.doctor && doctor.currency == fact.pay.currency);
  doctor.earned = checked_add(doctor.earned, -fact.pay.amount);
}

void apply(Doctor& doctor, const WithdrawalRequested& fact) {
  TOLL_ASSERT(doctor.id == fact.doctor && doctor.currency == fact.amount.currency);
  TOLL_ASSERT(fact.amount.amount > 0 && fact.amount.amount <= doctor.balance());
  next_version(doctor, fact.version);
  doctor.pending = checked_add(doctor.pending, fact.amount.amount);
}

void apply(Doctor& doctor, const WithdrawalMoved& fact) {
  TOLL_ASSERT(doctor.id == fact.doctor && doctor.currency == fact.amount.currency);
  next_version(doctor, fact.version);
  if (fact.status == WithdrawalStatus::approved) return;
  doctor.pending -= fact.amount.amount;
  if (fact.status == WithdrawalStatus::paid) {
    doctor.withdrawn = checked_add(doctor.withdrawn, fact.amount.amount);
  }
  TOLL_ASSERT(doctor.pending >= 0);
}

}  // namespace toll::billing
