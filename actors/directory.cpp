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

DirectoryActor::behavior_type directory_actor(DirectoryActor::stateful_pointer<DirectoryState> self,
                                              const Context* context,
                                              std::shared_ptr<DirectoryTables> recovered) {
  static_cast<DirectoryTables&>(self->state) = std::move(*recovered);
  self->state.context = context;
  return {
      [self](const Serve& serve) { route(self->state, serve.ask); },
      [self](const WalkOn& on) { walk_on(self->state, on.walk); },
      [self](const FactHeard& heard) { route_fact(self->state, heard); },
      [self](const RefundAsked& asked) { route_refund(self->state, asked); },
      [self](const WithdrawalFound& found) { route_withdrawal(self->state, found); },
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
