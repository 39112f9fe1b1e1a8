#include <algorithm>

#include "billing/assert.hpp"
#include "billing/decide.hpp"

namespace toll::billing {

namespace {

Hold hold_on(const Subscription& subscription) {
  return {subscription.id, subscription.payment_ref.value_or("")};
}

/// How many boundaries in a row can have their next unit held here.
std::int64_t boundaries_served(const Subscription& subscription, const ChargeQuestion& question) {
  // Only the unit held here may be followed by more: then one record names one payer (facts.hpp).
  const bool own_hold = question.held.subscription == subscription.id;
  const std::int64_t most = std::min(own_hold ? question.boundaries : std::int64_t{1},
                                     subscription.free(question.channel));
  std::int64_t served = 0;
  while (served < most) {
    const Instant at = question.first_boundary + served * question.interval_ms;
    if (!eligible(subscription, {question.patient, question.channel, at, question.created_at,
                                 question.grandfather, question.created_seq})) {
      break;
    }
    ++served;
  }
  return served;
}

/// Whether `end` is the end already, with no rollover still to come.
bool ends_for_good(const Subscription& subscription, Instant end, Instant at) {
  return end == shown_end(subscription, at) && end == effective_end(subscription);
}

}  // namespace

std::optional<Charged> charge(const Subscription& subscription, const ChargeQuestion& question) {
  const std::int64_t units = boundaries_served(subscription, question);
  if (units == 0) return std::nullopt;
  Charged fact;
  fact.session = question.session;
  fact.version = question.version;
  fact.channel = question.channel;
  fact.first_interval = question.first_interval;
  fact.units = units;
  fact.taken = question.held;
  fact.hold = hold_on(subscription);
  fact.doctor = question.doctor;
  fact.pay = {checked_mul(units, question.rate.amount), question.rate.currency};
  fact.triggered_by = question.triggered_by;
  return fact;
}

bool could_start(const Subscription& subscription, const StartQuestion& question, Instant at) {
  return can_hold(subscription, {question.patient, question.channel, at, at, question.grandfather});
}

std::optional<Created> start(const Subscription& subscription, const StartQuestion& question,
                             Instant at) {
  if (!could_start(subscription, question, at)) return std::nullopt;
  return Created{question.session,      1,
                 question.channel,      question.patient,
                 question.doctor,       question.currency,
                 question.external_ref, question.policy_version,
                 hold_on(subscription)};
}

ChangeDecision change(const Subscription& subscription, Change change, Instant at,
                      Seq oldest_live) {
  Changed fact{subscription.id, subscription.version + 1, {}, {}, {}, {}};
  if (change.enabled && *change.enabled != subscription.enabled) fact.enabled = change.enabled;
  if (change.members && *change.members != subscription.members) {
    fact.members = std::move(change.members);
  }
  if (change.ends_at && !ends_for_good(subscription, *change.ends_at, at)) {
    if (*change.ends_at <= subscription.starts_at) return Refusal::empty_period;
    fact.ends_at = change.ends_at;
    fact.oldest_live = oldest_live;
  }
  if (!fact.enabled && !fact.members && !fact.ends_at) return std::monostate{};
  return fact;
}

Decision<ToppedUp> top_up(const Subscription& subscription, const Units& units) {
  for (std::size_t c = 0; c < units.size(); ++c) {
    TOLL_ASSERT(units[c] >= 0 && units[c] <= max_units);
    if (subscription.granted[c] + units[c] > max_units) return Refusal::too_many_units;
  }
  return ToppedUp{subscription.id, subscription.version + 1, units};
}

RegisterDecision register_doctor(const std::string& id, const Doctor* doctor,
                                 std::optional<Currency> currency, const Policy& policy) {
  const Currency wanted = currency.value_or(doctor ? doctor->currency : default_currency);
  if (currency && !policy.has_rates(*currency)) return Refusal::currency_without_rates;
  if (!doctor) return DoctorRegistered{id, 1, wanted};
  if (wanted == doctor->currency) return std::monostate{};
  if (doctor->named) return Refusal::currency_fixed;
  return DoctorRegistered{id, doctor->version + 1, wanted};
}

}  // namespace toll::billing
