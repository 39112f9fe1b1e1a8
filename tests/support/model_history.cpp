// What the history of a model adds up to, counted again each time, and the views on it.
#include <algorithm>
#include <stdexcept>

#include "tests/support/model.hpp"

namespace toll::model {

namespace {

constexpr Ms day = 86'400'000;
const std::vector<std::string> channel_names{"text", "voice", "video"};

}  // namespace

Count units_of(const PerChannel& units, const std::string& channel) {
  const auto found = units.find(channel);
  return found == units.end() ? 0 : found->second;
}

// --- Counting from the history ---

bool Model::live(const Session& session) const {
  return session.status == "waiting" || session.status == "active";
}

Count Model::processed(const std::string& session) const {
  Count count = 0;
  for (const Taking& taking : takings_) count += taking.session == session && taking.interval > 0;
  for (const auto& interval : forgiven_) count += interval.first == session;
  return count;
}

Count Model::granted(const Subscription& subscription, const std::string& channel) const {
  Count count = units_of(subscription.request.units, channel);
  for (const PerChannel& units : subscription.top_ups) count += units_of(units, channel);
  return count;
}

Count Model::taken(const std::string& subscription, const std::string& channel) const {
  Count count = 0;
  for (const Taking& taking : takings_) {
    count += taking.subscription == subscription && taking.channel == channel;
  }
  return count;
}

Count Model::refunded(const std::string& subscription, const std::string& channel) const {
  Count count = 0;
  for (const Taking& taking : takings_) {
    count += taking.refunded && taking.subscription == subscription && taking.channel == channel;
  }
  return count;
}

Count Model::held(const std::string& subscription, const std::string& channel) const {
  Count count = 0;
  for (const Session& session : sessions_) {
    count += live(session) && session.held_on == subscription && session.request.channel == channel;
  }
  return count;
}

Count Model::free(const Subscription& subscription, const std::string& channel) const {
  const std::string& id = subscription.request.id;
  return granted(subscription, channel) + refunded(id, channel) - taken(id, channel) -
         held(id, channel);
}

Count Model::units_due(const Session& session, Ms at) const {
  if (!session.activated_at) return 0;
  Count boundaries = 0;
  const Ms until = session.ended_at.value_or(at);
  const Ms step = rules_[session.rules].interval;
  for (Ms t = *session.activated_at + step; t <= until; t += step) ++boundaries;
  return boundaries;
}

std::pair<Ms, Ms> Model::end_and_extension(const Subscription& subscription,
                                           std::optional<Count> changes) const {
  Ms ends_at = subscription.request.ends_at;
  Ms extension = subscription.request.rollover_days * day;
  for (const EndChange& change : subscription.end_changes) {
    if (changes && change.number > *changes) break;
    ends_at = change.ends_at;
    extension = 0;
  }
  return {ends_at, extension};
}

// --- Who gives ---

bool Model::may_give(const Subscription& subscription, const std::string& patient, Ms at,
                     Created created, bool grandfather) const {
  if (!subscription.enabled) return false;
  if (subscription.request.patient != patient && !subscription.members.contains(patient)) {
    return false;
  }
  if (at < subscription.starts_at) return false;
  const auto [ends_at, extension] = end_and_extension(subscription);
  if (at < ends_at + extension) return true;
  const auto [end_then, extension_then] = end_and_extension(subscription, created.after_changes);
  const bool ran_at_creation =
      subscription.starts_at <= created.at && created.at < end_then + extension_then;
  return grandfather && ran_at_creation;
}

std::vector<std::string> Model::givers(const std::string& patient, const std::string& channel,
                                       Ms at, Created created, bool grandfather) const {
  std::vector<std::string> found;
  for (const auto& [id, subscription] : subscriptions_) {
    if (!may_give(subscription, patient, at, created, grandfather)) continue;
    if (free(subscription, channel) >= 1) found.push_back(id);
  }
  // Ids come in order, so those that start together stay in theirs.
  std::stable_sort(found.begin(), found.end(), [this](const auto& a, const auto& b) {
    return subscriptions_.at(a).starts_at < subscriptions_.at(b).starts_at;
  });
  return found;
}

std::string Model::giver(const std::string& patient, const std::string& channel, Ms at,
                         Created created, bool grandfather, const Gave& gave) const {
  if (gave && gave->empty()) return "";
  const std::vector<std::string> can = givers(patient, channel, at, created, grandfather);
  if (gave && std::find(can.begin(), can.end(), *gave) != can.end()) return *gave;
  return can.empty() ? "" : can.front();
}

std::optional<Ms> Model::next_wake(const Session& session) const {
  const Rules& rules = rules_[session.rules];
  if (session.status == "active") {
    return *session.activated_at + (processed(session.request.id) + 1) * rules.interval;
  }
  if (session.status != "waiting") return std::nullopt;
  if (session.request.channel != "text") return session.created.at + rules.ring_timeout;
  if (session.response_deadline) return session.response_deadline;
  return session.created.at + rules.waiting_limit;
}

// --- Views ---

std::vector<std::string> Model::sessions() const {
  std::vector<std::string> ids;
  for (const Session& session : sessions_) ids.push_back(session.request.id);
  return ids;
}

std::vector<std::string> Model::subscriptions() const {
  std::vector<std::string> ids;
  for (const auto& [id, subscription] : subscriptions_) ids.push_back(id);
  return ids;
}

std::vector<std::string> Model::doctors() const {
  std::vector<std::string> ids;
  for (const auto& [id, currency] : doctors_) ids.push_back(id);
  return ids;
}

SessionView Model::session(const std::string& id) const {
  const auto found = std::find_if(sessions_.begin(), sessions_.end(),
                                  [&](const Session& s) { return s.request.id == id; });
  if (found == sessions_.end()) throw std::out_of_range("no session " + id);
  SessionView view{found->status,
                   found->created.at,
                   found->response_deadline,
                   found->activated_at,
                   found->ended_at,
                   found->ended_by,
                   found->end_reason,
                   processed(id),
                   false,
                   0,
                   {},
                   found->held_on,
                   0,
                   next_wake(*found),
                   0};
  for (const Taking& taking : takings_) {
    if (taking.session != id) continue;
    view.manual = view.manual || taking.interval == 0;
    view.used += 1;
    view.refunded += taking.refunded;
    if (taking.refunded) continue;
    view.taken_from[taking.subscription] += 1;
    view.pay += taking.pay;
  }
  return view;
}

SubscriptionView Model::subscription(const std::string& id, Ms at) const {
  const Subscription& subscription = subscriptions_.at(id);
  SubscriptionView view;
  for (const std::string& channel : channel_names) {
    view.units[channel] = {granted(subscription, channel), taken(id, channel), held(id, channel),
                           free(subscription, channel), refunded(id, channel)};
  }
  const auto [ends_at, extension] = end_and_extension(subscription);
  view.ends_at = at < ends_at ? ends_at : ends_at + extension;
  view.status = !subscription.enabled ? "disabled" : at >= view.ends_at ? "expired" : "active";
  return view;
}

PerChannel Model::balance(const std::string& patient, Ms at) const {
  PerChannel balance;
  for (const std::string& channel : channel_names) {
    balance[channel] = 0;
    for (const auto& [id, subscription] : subscriptions_) {
      if (may_give(subscription, patient, at, created_at(at), false)) {
        balance[channel] += free(subscription, channel);
      }
    }
  }
  return balance;
}

}  // namespace toll::model
