#include "actors/directory.hpp"

namespace toll::actors {

namespace {

/// True when the message that `idle` came with was the last one: nothing is on its way to the
/// actor.
template <class Residents>
bool still_idle(const Residents& residents, const Idle& idle) {
  const auto found = residents.find(idle.id);
  return found != residents.end() && found->second.sent == idle.received;
}

template <class Residents>
void retire(DirectoryState& state, Residents& residents, const Idle& idle) {
  const auto found = residents.find(idle.id);
  state.self->send(found->second.actor, Leave{});
  residents.erase(found);
}

template <class Function>
auto with_residents(DirectoryState& state, Kind kind, Function function) {
  switch (kind) {
    case Kind::session:
      return function(state.sessions);
    case Kind::subscription:
      return function(state.subscriptions);
    case Kind::doctor:
      break;
  }
  return function(state.doctor_actors);
}

/// Keeps the most recently used idle actors in memory. Rule 5: one leaves only when its row is at
/// or past the last fact that it made or heard, so whoever loads it later needs to wait for
/// nothing.
void take_idle(DirectoryState& state, const Idle& message) {
  state.idle.push_back(message);
  while (state.idle.size() > state.context->limits.idle_actors) {
    const Idle& oldest = state.idle.front();
    const bool idle = with_residents(
        state, oldest.kind, [&](auto& residents) { return still_idle(residents, oldest); });
    if (idle && oldest.last_seq > state.context->journal->applied()) return;
    if (idle) {
      with_residents(state, oldest.kind,
                     [&](auto& residents) { retire(state, residents, oldest); });
    }
    state.idle.pop_front();
  }
}

}  // namespace

void DirectoryRestore::subscription(billing::Subscription&& row) {
  std::vector<std::string> people = row.members;
  people.push_back(row.patient);
  list_people(state_, {{row.starts_at, row.id}, std::move(people), {}});
  // A subscription that holds units is always in memory: facts about them must find it.
  if (row.holds_any()) restore_subscription(state_, std::move(row));
}

void DirectoryRestore::doctor(billing::Doctor&& row) {
  DoctorEntry& entry = state_.doctors[row.id];
  entry.doctor = std::move(row);
  entry.known = true;
}

void DirectoryRestore::live_session(billing::Session&& row) {
  state_.patients[row.patient].live(row.channel != billing::Channel::text) = row.id;
  state_.doctors[row.doctor].live = row.id;
  state_.context->counters->live_sessions += 1;
  // Armed here and not by the session itself: recovery must find every timer set.
  const auto due = billing::next_wake(row, state_.context->policies->at(row.policy_version));
  state_.self->send(state_.context->timer, Arm{row.id, *due});
  restore_session(state_, std::move(row));
}

DirectoryActor::behavior_type directory_actor(DirectoryActor::stateful_pointer<DirectoryState> self,
                                              const Context* context,
                                              std::function<void(DirectoryRestore)> restore) {
  DirectoryState& state = self->state;
  state.context = context;
  restore(DirectoryRestore(state));
  return {
      [self](const Serve& serve) { route(self->state, serve.ask); },
      [self](const WalkOn& on) { walk_on(self->state, on.walk); },
      [self](const FactHeard& heard) { route_fact(self->state, heard); },
      [self](const Claim& claim) { decide_claim(self->state, claim); },
      [self](const Settle& settle) { settle_claim(self->state, settle.session); },
      [self](const Unclaim& unclaim) { drop_claim(self->state, unclaim.session); },
      [self](const WakeParties& wake) { wake_parties(self->state, wake); },
      [self](const Freed& freed) { free_parties(self->state, freed); },
      [self](const Listed& listed) { list_people(self->state, listed); },
      [self](const Idle& idle) { take_idle(self->state, idle); },
  };
}

}  // namespace toll::actors
