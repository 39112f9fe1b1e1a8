// The timer actor: what is due when, in order, and one pending wake-up. It decides nothing: a
// session that is woken for nothing does nothing.
#pragma once

#include <deque>
#include <functional>
#include <set>

#include "actors/context.hpp"

namespace toll::actors {

/// What may fire: on a full disk boundaries wait and deadlines do not, nothing fires at shutdown.
/// What is due accumulates and is done in order later.
enum class Fire : std::uint8_t { nothing, deadlines, everything };

/// What the timer needs from the outside: an actor touches neither clock nor disk.
struct TimerHooks {
  /// A Tick is wanted at this instant; replaces the one wanted before.
  std::function<void(billing::Instant due)> set_alarm;
  std::function<Fire()> may_fire;
  /// A woken session has done, durably, what was due at `due`.
  std::function<void(billing::Instant due)> on_fired;
};

struct Due {
  billing::Instant at = 0;
  std::string session;
  auto operator<=>(const Due&) const = default;
};

struct TimerState {
  explicit TimerState(TimerActor::pointer self) : self(self) {}

  TimerActor::pointer self;
  const Context* context = nullptr;
  TimerHooks hooks;
  /// One for each live session, or its wake is under way: of those that are active, and the
  /// others'.
  std::set<Due> boundaries;
  std::set<Due> deadlines;
  billing::Instant now = 0;               ///< of the last Tick or run
  std::optional<billing::Instant> alarm;  ///< the Tick that is wanted
  std::size_t under_way = 0;              ///< wakes sent and not finished
  bool taking_turn = false;               ///< the session woken last has not done yet what is due
  std::deque<RunUntil> runs;              ///< the first is under way
  bool by_itself = false;                 ///< and not only in runs
};

TimerActor::behavior_type timer_actor(TimerActor::stateful_pointer<TimerState> self,
                                      const Context* context, TimerHooks hooks);

}  // namespace toll::actors
