#include "actors/timer.hpp"

#include <algorithm>

#include "actors/directory.hpp"
#include "billing/assert.hpp"

namespace toll::actors {

using billing::Instant;

namespace {

/// Hears that what was due at these instants is done, on whatever thread that happens.
std::shared_ptr<Asker> woken_asker(const TimerState& state, std::vector<Instant> due) {
  return when_answered([timer = TimerActor(state.self), on_fired = state.hooks.on_fired,
                        due = std::move(due)](Answer&&, Effect) {
    for (const Instant instant : due) on_fired(instant);
    caf::anon_send(timer, Woken{due.size()});
  });
}

/// The same before it is on disk.
std::shared_ptr<Asker> turn_asker(const TimerState& state, Instant due) {
  return when_answered([timer = TimerActor(state.self), due](Answer&&, Effect) {
    caf::anon_send(timer, TurnTaken{due});
  });
}

/// How long a timer waits for room on the disk before it looks again.
constexpr Instant room_check_ms = 1000;

Fire firing(const TimerState& state) {
  return state.by_itself || !state.runs.empty() ? state.hooks.may_fire() : Fire::nothing;
}

/// Where the first timer is of those that may fire; null if there is none.
const std::set<Due>* first(const TimerState& state, Fire fire) {
  const std::set<Due>* found = nullptr;
  if (fire != Fire::nothing && !state.deadlines.empty()) found = &state.deadlines;
  if (fire != Fire::everything || state.boundaries.empty()) return found;
  const bool earlier = !found || *state.boundaries.begin() < *found->begin();
  return earlier ? &state.boundaries : found;
}

std::optional<Instant> next_due(const TimerState& state, Fire fire = Fire::everything) {
  const std::set<Due>* const timers = first(state, fire);
  return timers ? std::optional(timers->begin()->at) : std::nullopt;
}

/// How many charges at rest wait for the disk as one.
constexpr std::size_t charges_together = 256;

void wake(TimerState& state, Due&& due) {
  // Where much is due at once, who is due first goes first: one unit may be left for two. By the
  // real clock little is, and nobody waits for another.
  state.taking_turn = !state.runs.empty();
  auto asker = state.taking_turn ? turn_asker(state, due.at) : woken_asker(state, {due.at});
  state.context->directory->serve(
      std::make_shared<Ask>(WakeSession{std::move(due.session), due.at}, state.now,
                            std::move(asker), state.context->counters->asks_inside, std::nullopt,
                            state.taking_turn ? Gate::open : Gate::durable));
}

/// What was due at these instants is appended.
void await_disk(const TimerState& state, std::vector<Instant> due) {
  std::make_shared<Ask>(WakeSession{}, state.now, woken_asker(state, std::move(due)),
                        state.context->counters->asks_inside)
      ->answer(SessionAnswer{}, *state.context->journal);
}

std::set<Due>& timers_of(TimerState& state, bool boundary) {
  return boundary ? state.boundaries : state.deadlines;
}

void set_timer(TimerState& state, const Arm& arm) {
  // It may have waited for a deadline before it was active.
  if (arm.was && timers_of(state, arm.boundary).erase({*arm.was, arm.session}) == 0) {
    timers_of(state, !arm.boundary).erase({*arm.was, arm.session});
  }
  if (arm.due) timers_of(state, arm.boundary).insert({*arm.due, arm.session});
}

void fire(TimerState& state) {
  if (!state.runs.empty()) state.now = std::max(state.now, state.runs.front().now);
  std::vector<Instant> charged;
  while (!state.taking_turn && state.under_way < state.context->limits.wakes_under_way) {
    const std::set<Due>* const timers = first(state, firing(state));
    if (!timers || timers->begin()->at > state.now) break;
    auto fired = timers_of(state, timers == &state.boundaries).extract(timers->begin());
    Due& due = fired.value();
    ++state.under_way;
    const auto next = state.context->directory->wake_at_rest(due.session, due.at, state.now);
    if (!next) {
      wake(state, std::move(due));
      continue;
    }
    charged.push_back(due.at);
    due.at = next->at;
    timers_of(state, next->boundary).insert(std::move(fired));
    if (charged.size() == charges_together) await_disk(state, std::exchange(charged, {}));
  }
  if (!charged.empty()) await_disk(state, std::move(charged));
}

void set_alarm(TimerState& state) {
  auto due = next_due(state);
  if (!state.by_itself || !due) return;
  if (*due <= state.now) {
    const auto next = next_due(state, firing(state));
    if (next && *next <= state.now) return;  // the window is full: the next Woken goes on
    due = std::min(next.value_or(state.now + room_check_ms), state.now + room_check_ms);
  }
  if (state.alarm == due) return;
  state.alarm = due;
  state.hooks.set_alarm(*due);
}

/// Whether all is done that may be.
bool settled(const TimerState& state) {
  const auto due = next_due(state, firing(state));
  return state.under_way == 0 && (!due || *due > state.now);
}

void go_on(TimerState& state) {
  fire(state);
  while (!state.runs.empty() && settled(state)) {
    const auto done = std::move(state.runs.front().done);
    state.runs.pop_front();
    state.by_itself = done(next_due(state)) || state.by_itself;
    fire(state);
  }
  state.context->counters->timers =
      static_cast<std::int64_t>(state.boundaries.size() + state.deadlines.size());
  set_alarm(state);
}

}  // namespace

TimerActor::behavior_type timer_actor(TimerActor::stateful_pointer<TimerState> self,
                                      const Context* context, TimerHooks hooks) {
  self->state.context = context;
  self->state.hooks = std::move(hooks);
  return {
      [self](const Arm& arm) {
        set_timer(self->state, arm);
        go_on(self->state);
      },
      [self](const Tick& tick) {
        self->state.now = std::max(self->state.now, tick.now);
        self->state.alarm.reset();
        go_on(self->state);
      },
      [self](const Woken& woken) {
        TOLL_ASSERT(self->state.under_way >= woken.wakes);
        self->state.under_way -= woken.wakes;
        go_on(self->state);
      },
      [self](const TurnTaken& turn) {
        self->state.taking_turn = false;
        await_disk(self->state, {turn.due});
        go_on(self->state);
      },
      [self](const RunUntil& run) {
        self->state.runs.push_back(run);
        go_on(self->state);
      },
  };
}

}  // namespace toll::actors
