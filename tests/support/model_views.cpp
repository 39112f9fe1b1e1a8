#include "tests/support/model_views.hpp"

namespace toll::tests {

using namespace billing;

model::Rules rules_of(const Policy& policy) {
  model::Rules rules;
  rules.grandfather = policy.expiry == ExpiryPolicy::grandfather;
  if (policy.downtime.cap >= 0) rules.downtime_cap = policy.downtime.cap;
  rules.manual_unit = policy.manual_unit;
  for (const Channel channel : channels) {
    rules.min_billable[std::string(name(channel))] = policy.min_billable_s[index(channel)] * 1000;
  }
  rules.interval = policy.interval_ms();
  rules.response_window = policy.response_window_s * 1000;
  rules.ring_timeout = policy.ring_timeout_s * 1000;
  rules.waiting_limit = policy.waiting_limit_s * 1000;
  rules.known_doctors_only = policy.known_doctors_only;
  rules.rates.clear();
  for (const auto& [currency, rates] : policy.rates) {
    rules.rates[std::string(currency.view())] = by_name(rates);
  }
  return rules;
}

model::PerChannel by_name(const Units& units) {
  return {{"text", units[0]}, {"voice", units[1]}, {"video", units[2]}};
}

model::SessionView view_of(const Session& session, const Policy& policy) {
  model::SessionView view;
  view.status = name(session.status);
  view.created_at = session.created_at;
  view.response_deadline = session.response_deadline;
  view.activated_at = session.activated_at;
  view.ended_at = session.ended_at;
  if (session.ended_by) view.ended_by = name(*session.ended_by);
  if (session.end_reason) view.end_reason = name(*session.end_reason);
  view.processed = session.intervals_processed;
  view.manual = session.manual_applied;
  view.used = session.units_used;
  for (const Run& run : session.runs) view.taken_from[run.subscription] += run.units;
  if (session.hold) view.held_on = session.hold->subscription;
  view.refunded = session.units_refunded;
  view.pay = (session.units_used - session.units_refunded) *
             policy.rate(session.currency, session.channel).amount;
  view.next_wake = next_wake(session, policy);
  return view;
}

model::SubscriptionView view_of(const Subscription& subscription, Instant now) {
  model::SubscriptionView view;
  for (const Channel channel : channels) {
    const auto c = index(channel);
    view.units[std::string(name(channel))] = {subscription.granted[c], subscription.taken[c],
                                              subscription.held[c], subscription.free(channel),
                                              subscription.refunded[c]};
  }
  view.ends_at = shown_end(subscription, now);
  view.status = !subscription.enabled ? "disabled" : now >= view.ends_at ? "expired" : "active";
  return view;
}

model::WalletView view_of(const Doctor& doctor) {
  return {std::string(doctor.currency.view()), doctor.earned, doctor.pending, doctor.withdrawn};
}

}  // namespace toll::tests
