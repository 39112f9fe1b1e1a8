#include "actors/at_rest.hpp"
#include "actors/directory.hpp"
#include "billing/apply.hpp"

namespace toll::actors {

using namespace billing;

namespace {

/// A subscription with many members is not packed again after each deduction.
constexpr std::size_t most_bytes = 512;
constexpr std::size_t most_open = 256;

}  // namespace

std::string OpenAtRest::close(SubscriptionResident& place) {
  std::erase(places_, &place);
  const auto memory = std::move(place.open);
  return packed(*memory);
}

SubscriptionMemory& OpenAtRest::open(SubscriptionResident& place) {
  if (places_.size() == most_open) {
    SubscriptionResident& longest = *places_.front();
    longest.left_with = close(longest);
  }
  place.open = std::make_unique<SubscriptionMemory>();
  unpack(std::exchange(place.left_with, {}), *place.open);
  places_.push_back(&place);
  return *place.open;
}

SubscriptionMemory& Directory::remembered(SubscriptionResident& place,
                                          SubscriptionMemory& unpacked) {
  if (place.open) return *place.open;
  if (place.left_with.size() > most_bytes) return open_.open(place);
  unpack(place.left_with, unpacked);
  return unpacked;
}

/// Whether the session is at rest; then also what it remembers.
bool unpack_at_rest(const SessionResident& place, SessionMemory& memory) {
  if (place.actor || place.left_with.empty()) return false;
  unpack(place.left_with, memory);
  return true;
}

/// The ordinary boundary: the subscription that holds the unit is the first that would be asked and
/// gives all that is due, if anything is, and nothing else is. While both rest nobody works on
/// them, and the mutex keeps it so.
bool Directory::charge_at_rest(Instant now, std::string triggered_by, ChargedAtRest& charged) {
  SessionMemory& memory = charged.memory;
  if (memory.session->status != Status::active) return false;
  Session& session = *memory.session;
  const Policy& policy = context_.policies->at(session.policy_version);
  const Moment moment{session, policy, std::max(now, session.last_at)};
  charged.intervals_due = completed_intervals(session, policy, moment.at);
  const std::int64_t due = units_due(session, policy, moment.at);
  if (due > 0) {
    const Instant last = boundary(session, policy, session.intervals_processed + due);
    if (chargeable(moment, context_.outages->current(last, moment.at)) != due) return false;
  }
  charged.at = moment.at;
  if (due == 0) return true;

  const auto patient = tables_.patients.find(session.patient);
  if (patient == tables_.patients.end() || !patient->second.list) return false;
  if (patient->second.list->front().subscription != session.hold->subscription) return false;
  const auto found = tables_.subscriptions.find(session.hold->subscription);
  if (found == tables_.subscriptions.end() || found->second.actor) return false;
  SubscriptionResident& payers_place = found->second;
  SubscriptionMemory unpacked;
  SubscriptionMemory& payer = remembered(payers_place, unpacked);
  if (payer.subscription->last_at > moment.at) return false;
  const auto fact =
      charge(*payer.subscription, charge_question(moment, due, std::move(triggered_by)));
  if (!fact || fact->units != due) return false;

  charged.units = fact->units;
  memory.last_seq = payer.last_seq = context_.journal->append(charged.at, *fact);
  apply(*payer.subscription, *fact, charged.at);
  apply(session, *fact, charged.at);
  context_.counters->units_deducted += fact->units;
  if (!payers_place.open) payers_place.left_with = packed(payer);
  return true;
}

std::optional<Directory::NextWake> Directory::wake_at_rest(const std::string& id, Instant due,
                                                           Instant now) {
  const std::scoped_lock lock(mutex_);
  const auto place = tables_.sessions.find(id);
  ChargedAtRest charged;
  SessionMemory& memory = charged.memory;
  if (place == tables_.sessions.end() || !unpack_at_rest(place->second, memory)) {
    return std::nullopt;
  }
  const auto next = [&] {
    return next_wake(*memory.session, context_.policies->at(memory.session->policy_version));
  };
  // Others may be due before what it waits for by now.
  const bool later = next() > due;
  const char* by = context_.outages->under_way() ? "recovery" : "timer";
  if (!later && !charge_at_rest(now, by, charged)) return std::nullopt;
  memory.armed_for = next();
  place->second.left_with = packed(memory);
  return NextWake{*memory.armed_for, memory.session->status == Status::active};
}

bool Directory::deduct_at_rest(SessionResident& place, const AskPtr& ask,
                               const DeductUnits& command) {
  if (ask->cause() || ask->only_for()) return false;
  ChargedAtRest charged;
  if (!unpack_at_rest(place, charged.memory)) return false;
  if (!charge_at_rest(ask->at(), command.triggered_by, charged)) return false;
  if (charged.units > 0) {
    // The timer knows an earlier instant, and finds nothing due then.
    place.left_with = packed(charged.memory);
    ask->took_effect({.changed = true});
  }
  ask->answer(SessionAnswer{.session = std::move(*charged.memory.session),
                            .at = charged.at,
                            .deducted = charged.units,
                            .intervals_due = charged.intervals_due},
              *context_.journal);
  return true;
}

}  // namespace toll::actors
