#include <algorithm>
#include <limits>

#include "billing/assert.hpp"
#include "billing/decide.hpp"

namespace toll::billing {

namespace {

/// An end that takes nothing yet: every variant starts from it.
Ended end_of(const Moment& moment, std::string triggered_by) {
  const Session& session = moment.session;
  TOLL_ASSERT(session.live() && session.hold && moment.at >= session.last_at);
  Ended fact;
  fact.session = session.id;
  fact.version = session.version + 1;
  fact.channel = session.channel;
  fact.ended_at = moment.at;
  fact.hold = *session.hold;
  fact.doctor = session.doctor;
  fact.pay = {0, session.currency};
  fact.triggered_by = std::move(triggered_by);
  return fact;
}

void take_unit(Ended& fact, const Moment& moment) {
  fact.units = 1;
  fact.pay = moment.policy.rate(moment.session.currency, moment.session.channel);
}

bool manual_unit_due(const Moment& moment) {
  const Instant elapsed = moment.at - *moment.session.activated_at;
  const Instant minimum = moment.policy.min_billable_s[index(moment.session.channel)] * 1000;
  return moment.policy.manual_unit && elapsed >= minimum;
}

/// The index of the last boundary at or before the instant.
std::int64_t boundaries_until(const Moment& moment, Instant instant) {
  const Instant elapsed = instant - *moment.session.activated_at;
  return elapsed < 0 ? 0 : elapsed / moment.policy.interval_ms();
}

/// The boundaries inside the outages that count as one with the one under way.
std::int64_t boundaries_in_merged(const Moment& moment, const Outages& outages) {
  std::int64_t inside = 0;
  Instant next = *outages.since;
  for (auto before = outages.over.rbegin(); before != outages.over.rend(); ++before) {
    if (next - before->until >= moment.policy.interval_ms()) break;
    inside += boundaries_until(moment, before->until) - boundaries_until(moment, before->since);
    next = before->since;
  }
  return inside;
}

/// The index of the last boundary that is charged, if all are due that can be.
std::int64_t last_charged_in_outage(const Moment& moment, const Outages& outages) {
  const std::int64_t before = boundaries_until(moment, *outages.since);
  if (outages.verdict == OutageVerdict::forgive) return before;
  std::int64_t last = std::numeric_limits<std::int64_t>::max();
  if (!outages.verdict) last = boundaries_until(moment, *outages.since + outages.max_ms);
  const std::int64_t cap = moment.policy.downtime.cap;
  if (cap == DowntimePolicy::no_cap) return last;
  const std::int64_t left = cap - boundaries_in_merged(moment, outages);
  return std::min(last, before + std::max<std::int64_t>(left, 0));
}

}  // namespace

std::optional<Ended> pass_deadline(const Moment& moment) {
  const auto deadline = waiting_deadline(moment.session, moment.policy);
  if (!deadline || moment.at < *deadline) return std::nullopt;
  Ended fact = end_of(moment, "deadline");
  const bool text = moment.session.channel == Channel::text;
  fact.status = text ? Status::expired : Status::missed;
  fact.end_reason = text ? EndReason::expired : EndReason::missed;
  fact.ended_at = *deadline;
  return fact;
}

std::optional<DeadlineSet> patient_message(const Moment& moment) {
  const Session& session = moment.session;
  if (session.status != Status::waiting || session.response_deadline) return std::nullopt;
  return DeadlineSet{session.id, session.version + 1,
                     moment.at + moment.policy.response_window_s * 1000};
}

std::optional<Activated> activate(const Moment& moment) {
  if (moment.session.status != Status::waiting) return std::nullopt;
  return Activated{moment.session.id, moment.session.version + 1};
}

Ended hang_up(const Moment& moment, Party by, std::optional<std::string> reason,
              std::string triggered_by) {
  TOLL_ASSERT(units_due(moment.session, moment.policy, moment.at) == 0);
  Ended fact = end_of(moment, std::move(triggered_by));
  fact.ended_by = by;
  fact.reason = std::move(reason);
  if (moment.session.status == Status::waiting) {
    fact.end_reason = EndReason::cancelled;
  } else if (manual_unit_due(moment)) {
    take_unit(fact, moment);
  }
  return fact;
}

Ended exhaust(const Moment& moment, std::string triggered_by) {
  Ended fact = end_of(moment, std::move(triggered_by));
  fact.end_reason = EndReason::exhausted;
  fact.interval = moment.session.intervals_processed + 1;
  fact.ended_at = boundary(moment.session, moment.policy, fact.interval);
  TOLL_ASSERT(fact.ended_at <= moment.at);
  take_unit(fact, moment);
  return fact;
}

std::int64_t chargeable(const Moment& moment, const Outages& outages) {
  if (moment.session.status != Status::active) return 0;
  std::int64_t last = boundaries_until(moment, moment.at);
  if (outages.since) last = std::min(last, last_charged_in_outage(moment, outages));
  return std::max<std::int64_t>(last - moment.session.intervals_processed, 0);
}

std::optional<Forgiven> forgive(const Moment& moment, const Outages& outages,
                                std::string triggered_by) {
  if (!outages.since || chargeable(moment, outages) > 0) return std::nullopt;
  const std::int64_t due = units_due(moment.session, moment.policy, moment.at);
  if (due == 0) return std::nullopt;
  const Session& session = moment.session;
  return Forgiven{session.id, session.version + 1, session.intervals_processed + 1, due,
                  std::move(triggered_by)};
}

ChargeQuestion charge_question(const Moment& moment, std::int64_t boundaries,
                               std::string triggered_by) {
  const Session& session = moment.session;
  TOLL_ASSERT(boundaries >= 1 && session.hold);
  ChargeQuestion question;
  question.session = session.id;
  question.version = session.version + 1;
  question.patient = session.patient;
  question.doctor = session.doctor;
  question.channel = session.channel;
  question.created_at = session.created_at;
  question.created_seq = session.created_seq;
  question.grandfather = moment.policy.expiry == ExpiryPolicy::grandfather;
  question.first_interval = session.intervals_processed + 1;
  question.boundaries = std::min(boundaries, max_boundaries);
  question.first_boundary = boundary(session, moment.policy, question.first_interval);
  question.interval_ms = moment.policy.interval_ms();
  question.held = *session.hold;
  question.rate = moment.policy.rate(session.currency, session.channel);
  question.triggered_by = std::move(triggered_by);
  return question;
}

bool same_start(const Session& session, Channel channel, const std::string& patient,
                const std::string& doctor, const std::optional<std::string>& external_ref) {
  return session.channel == channel && session.patient == patient && session.doctor == doctor &&
         session.external_ref == external_ref;
}

}  // namespace toll::billing
