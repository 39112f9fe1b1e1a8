// The commands of the model.
#include "tests/support/model.hpp"

#include <algorithm>

namespace toll::model {

namespace {

constexpr Count most_units = 1'000'000'000;

}  // namespace

// --- What becomes due ---

void Model::take(const Session& session, Count interval) {
  const PerChannel& rates = rules_[session.rules].rates.at(session.currency);
  takings_.push_back({session.request.id, session.held_on, session.request.channel, interval,
                      units_of(rates, session.request.channel), session.request.doctor});
}

void Model::close(Session& session, const std::string& status, Ms at, const std::string& by,
                  const std::string& reason) {
  session.status = status;
  session.ended_at = at;
  session.ended_by = by;
  session.end_reason = reason;
  session.held_on.clear();
}

bool Model::is_free(const Session& session, Count k) const {
  const Rules& rules = rules_[session.rules];
  const auto inside = std::find_if(outages_.begin(), outages_.end(), [&](const Outage& outage) {
    return outage.has(boundary(session, k));
  });
  if (inside == outages_.end()) return false;
  if (inside->verdict == "forgive") return true;
  const bool too_long = boundary(session, k) > inside->since + max_outage_;
  if (too_long && inside->verdict.empty()) return true;
  if (!rules.downtime_cap) return false;
  // The outages that count as one with this one, and which of the boundaries in them this one is.
  auto first = inside;
  while (first != outages_.begin() && first->since - *std::prev(first)->until < rules.interval) {
    --first;
  }
  Count number = 0;
  for (Count i = 1; i <= k; ++i) {
    number += std::any_of(first, std::next(inside),
                          [&](const Outage& outage) { return outage.has(boundary(session, i)); });
  }
  return number > *rules.downtime_cap;
}

Count Model::settle(Ms at, Session& session, const Gave& gave) {
  const Rules& rules = rules_[session.rules];
  const SessionRequest& request = session.request;
  if (session.status == "waiting" && at >= *next_wake(session)) {
    const std::string status = request.channel == "text" ? "expired" : "missed";
    close(session, status, *next_wake(session), "server", status);
  }
  Count deducted = 0;
  for (Count k = processed(request.id) + 1; session.status == "active"; ++k) {
    const Ms boundary = this->boundary(session, k);
    if (boundary > at) break;
    if (is_free(session, k)) {
      forgiven_.insert({request.id, k});
      continue;
    }
    take(session, k);
    ++deducted;
    session.held_on.clear();
    session.held_on =
        giver(request.patient, request.channel, boundary, session.created, rules.grandfather, gave);
    if (session.held_on.empty()) close(session, "ended", boundary, "server", "exhausted");
  }
  return deducted;
}

// --- Subscriptions and doctors ---

Outcome Model::put_subscription(Ms at, const SubscriptionRequest& request) {
  if (request.starts_at && *request.starts_at >= request.ends_at) return refused("invalid_request");
  if (const auto found = subscriptions_.find(request.id); found != subscriptions_.end()) {
    return found->second.request == request ? Outcome{} : refused("subscription_exists");
  }
  const Ms starts_at = request.starts_at.value_or(at);
  if (starts_at >= request.ends_at) return refused("invalid_request");
  subscriptions_[request.id] = {request, starts_at, true, request.members, {}, {}};
  Outcome outcome;
  outcome.created = true;
  return outcome;
}

Outcome Model::patch_subscription(Ms, const std::string& id, const SubscriptionPatch& patch) {
  const auto found = subscriptions_.find(id);
  if (found == subscriptions_.end()) return refused("subscription_not_found");
  Subscription& subscription = found->second;
  if (patch.ends_at && *patch.ends_at <= subscription.starts_at) return refused("invalid_request");
  if (patch.ends_at) subscription.end_changes.push_back({++end_changes_, *patch.ends_at});
  if (patch.enabled) subscription.enabled = *patch.enabled;
  if (patch.members) subscription.members = *patch.members;
  return {};
}

Outcome Model::top_up(Ms, const std::string& id, const PerChannel& units) {
  const auto found = subscriptions_.find(id);
  if (found == subscriptions_.end()) return refused("subscription_not_found");
  for (const auto& [channel, count] : units) {
    if (granted(found->second, channel) + count > most_units) return refused("too_many_units");
  }
  found->second.top_ups.push_back(units);
  return {};
}

Outcome Model::put_doctor(Ms, const std::string& id, const std::optional<std::string>& currency) {
  if (currency && !rules_.back().rates.contains(*currency)) return refused("invalid_request");
  const auto [found, created] = doctors_.try_emplace(id, currency.value_or("MWK"));
  Outcome outcome;
  outcome.created = created;
  if (!currency || *currency == found->second) return outcome;
  for (const Session& session : sessions_) {
    if (session.request.doctor == id) return refused("currency_fixed");
  }
  found->second = *currency;
  return outcome;
}

// --- Sessions ---

Model::Session* Model::find(const std::string& id) {
  for (Session& session : sessions_) {
    if (session.request.id == id) return &session;
  }
  return nullptr;
}

Model::Session* Model::busy_patient(const SessionRequest& request) {
  for (Session& session : sessions_) {
    const bool same_kind = (session.request.channel == "text") == (request.channel == "text");
    if (live(session) && same_kind && session.request.patient == request.patient) return &session;
  }
  return nullptr;
}

Model::Session* Model::busy_doctor(const SessionRequest& request) {
  for (Session& session : sessions_) {
    if (live(session) && session.request.doctor == request.doctor) return &session;
  }
  return nullptr;
}

Outcome Model::start(Ms at, const SessionRequest& request, const Gave& gave) {
  if (Session* const known = find(request.id)) {
    if (known->request != request) return refused("session_exists");
    Outcome outcome;
    outcome.deducted = settle(at, *known);
    return outcome;
  }
  if (rules_.back().known_doctors_only && !doctors_.contains(request.doctor)) {
    return refused("doctor_not_found");
  }
  Session* const patients = busy_patient(request);
  Session* const doctors = busy_doctor(request);
  if (patients) settle(at, *patients);
  if (doctors) settle(at, *doctors);
  const bool grandfather = rules_.back().grandfather;
  const std::string payer =
      giver(request.patient, request.channel, at, created_at(at), grandfather, gave);
  if (payer.empty()) return refused("no_units");
  if (busy_patient(request)) return refused("patient_busy");
  if (busy_doctor(request)) return refused("doctor_busy");
  Session session;
  session.request = request;
  session.rules = rules_.size() - 1;
  session.currency = doctors_.try_emplace(request.doctor, "MWK").first->second;
  session.created = created_at(at);
  session.held_on = payer;
  sessions_.push_back(session);
  Outcome outcome;
  outcome.created = true;
  return outcome;
}

Outcome Model::message(Ms at, const std::string& id, const std::string& from) {
  Session* const session = find(id);
  if (!session) return refused("session_not_found");
  if (session->request.channel != "text") return refused("invalid_request");
  if (from == "doctor") return activate(at, id);
  Outcome outcome;
  outcome.deducted = settle(at, *session);
  if (!live(*session)) return refused("session_over");
  if (session->status == "waiting" && !session->response_deadline) {
    session->response_deadline = at + rules_[session->rules].response_window;
  }
  return outcome;
}

Outcome Model::activate(Ms at, const std::string& id) {
  Session* const session = find(id);
  if (!session) return refused("session_not_found");
  Outcome outcome;
  outcome.deducted = settle(at, *session);
  if (!live(*session)) return refused("session_over");
  if (session->status == "waiting") {
    session->status = "active";
    session->activated_at = at;
  }
  return outcome;
}

Outcome Model::deduct(Ms at, const std::string& id) {
  Session* const session = find(id);
  if (!session) return refused("session_not_found");
  const bool was_active = session->status == "active";
  Outcome outcome;
  outcome.intervals_due = units_due(*session, at);
  outcome.deducted = settle(at, *session);
  return was_active ? outcome : refused("session_not_active");
}

Outcome Model::end(Ms at, const std::string& id, const std::string& by) {
  Session* const session = find(id);
  if (!session) return refused("session_not_found");
  Outcome outcome;
  outcome.already_ended = !live(*session);
  outcome.deducted = settle(at, *session);
  if (session->status == "waiting") close(*session, "ended", at, by, "cancelled");
  if (session->status != "active") return outcome;
  const Rules& rules = rules_[session->rules];
  const Ms minimum = units_of(rules.min_billable, session->request.channel);
  if (rules.manual_unit && at - *session->activated_at >= minimum) {
    take(*session, 0);
    outcome.manual_unit = true;
    outcome.deducted += 1;
  }
  close(*session, "ended", at, by, "hangup");
  return outcome;
}

Outcome Model::wake(Ms at, const std::string& id, const Gave& gave) {
  Session* const session = find(id);
  if (!session) return refused("session_not_found");
  Outcome outcome;
  outcome.deducted = settle(at, *session, gave);
  return outcome;
}

}  // namespace toll::model
