#include "actors/timer.hpp"

#include <algorithm>

#include "actors/directory.hpp"
#include "billing/assert.hpp"

namespace toll::actors {

using billing::Instant;

namespace {

/// Hears that what was due at these instants is done, on whatever thread that happens.
class WakeAsker final : public Asker {
 public:
  WakeAsker(TimerActor timer, std::function<void(Instant)> on_fired, std::vector<Instant> due)
      : timer_(std::move(timer)), on_fired_(std::move(on_fired)), due_(std::move(due)) {}

  void answered(Answer&&, Effect) noexcept override {
    for (const Instant due : due_) on_fired_(due);
    caf::anon_send(timer_, Woken{due_.size()});
  }

 private:
  TimerActor timer_;
  std::function<void(Instant)> on_fired_;
  std::vector<Instant> due_;
};

/// The same before it is on disk.
class TurnAsker final : public Asker {
 public:
  TurnAsker(TimerActor timer, Instant due) : timer_(std::move(timer)), due_(due) {}
  void answered(Answer&&, Effect) noexcept override { caf::anon_send(timer_, TurnTaken{due_}); }

 private:
  TimerActor timer_;
  Instant due_;
};

/// How long a timer waits for room on the disk before it looks again.
constexpr Instant room_check_ms = 1000;

Fire firing(const TimerState& state) {
  if (!state.recovering && !state.recovered) return Fire::nothing;
  const bool running =
      !state.clock_runs.empty() && state.clock_runs.front().run_timers && !state.recording_clock;
  if (!state.recovering && state.stands_still && !running) return Fire::nothing;
  return state.hooks.may_fire();
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

/// Where much is due at once, who is due first goes first: one unit may be left for two. By the
/// real clock little is, and nobody waits for another.
bool in_turn(const TimerState& state) { return state.recovering || state.stands_still; }

void wake(TimerState& state, Due&& due) {
  const TimerActor timer(state.self);
  state.taking_turn = in_turn(state);
  std::shared_ptr<Asker> asker;
  if (state.taking_turn) {
    asker = std::make_shared<TurnAsker>(timer, due.at);
  } else {
    asker = std::make_shared<WakeAsker>(timer, state.hooks.on_fired, std::vector{due.at});
  }
  state.context->directory->serve(
      std::make_shared<Ask>(WakeSession{std::move(due.session), due.at}, state.now,
                            std::move(asker), state.context->counters->asks_inside, std::nullopt,
                            state.taking_turn ? Gate::open : Gate::durable));
}

/// What was due at these instants is appended.
void await_disk(const TimerState& state, std::vector<Instant> due) {
  const auto asker =
      std::make_shared<WakeAsker>(TimerActor(state.self), state.hooks.on_fired, std::move(due));
  std::make_shared<Ask>(WakeSession{}, state.now, asker, state.context->counters->asks_inside)
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

/// Whether all is done that may be.
bool settled(const TimerState& state, Fire fire = Fire::everything) {
  const auto due = next_due(state, fire);
  return state.under_way == 0 && (!due || *due > state.now);
}

void begin_clock_run(TimerState& state);

/// A run that cannot go on, on a full disk or at shutdown, is unavailable: its ask is dropped.
void give_up_if_stopped(TimerState& state) {
  if (state.under_way > 0 || state.hooks.may_fire() == Fire::everything) return;
  state.clock_runs.pop_front();
  begin_clock_run(state);
}

/// The clock steps to each due time in turn, runs it to its end, then goes to the target.
void run_clock(TimerState& state) {
  if (state.clock_runs.empty() || state.recording_clock || state.recovering) return;
  ClockRun& run = state.clock_runs.front();
  while (run.run_timers) {
    fire(state);
    if (!settled(state)) return give_up_if_stopped(state);
    const auto due = next_due(state);
    if (!due || *due > run.target) break;
    state.now = *due;
    state.hooks.move_clock(state.now);
  }
  state.now = run.target;
  state.hooks.move_clock(run.target);
  if (run.ask->cause() &&
      std::get<AdvanceClock>(std::get<ClockCommand>(run.ask->command())).advance_ms > 0) {
    run.ask->record(*state.context->journal, run.target, billing::ClockAdvanced{});
  }
  state.recording_clock = true;
  state.hooks.record_clock();
}

void begin_clock_run(TimerState& state) {
  while (!state.clock_runs.empty() && std::holds_alternative<GetClock>(std::get<ClockCommand>(
                                          state.clock_runs.front().ask->command()))) {
    state.clock_runs.front().ask->answer(ClockAnswer{state.now}, *state.context->journal);
    state.clock_runs.pop_front();
  }
  if (state.clock_runs.empty()) return;
  ClockRun& run = state.clock_runs.front();
  const auto& command = std::get<AdvanceClock>(std::get<ClockCommand>(run.ask->command()));
  run.run_timers = command.run_timers;
  run.target = billing::checked_add(state.now, command.advance_ms);
  run_clock(state);
}

void set_alarm(TimerState& state) {
  auto due = next_due(state);
  if (state.stands_still || !state.recovered || !due) return;
  if (*due <= state.now) {
    const auto next = next_due(state, firing(state));
    if (next && *next <= state.now) return;  // the window is full: the next Woken goes on
    due = std::min(next.value_or(state.now + room_check_ms), state.now + room_check_ms);
  }
  if (state.alarm == due) return;
  state.alarm = due;
  state.hooks.set_alarm(*due);
}

void go_on(TimerState& state) {
  fire(state);
  run_clock(state);
  state.context->counters->timers =
      static_cast<std::int64_t>(state.boundaries.size() + state.deadlines.size());
  if (state.recovering && settled(state, firing(state))) {
    const Recover recovered = *std::exchange(state.recovering, std::nullopt);
    state.recovered = recovered.done(next_due(state)) || state.recovered;
  }
  set_alarm(state);
}

}  // namespace

TimerActor::behavior_type timer_actor(TimerActor::stateful_pointer<TimerState> self,
                                      const Context* context, TimerHooks hooks, bool stands_still) {
  TimerState& state = self->state;
  state.context = context;
  state.hooks = std::move(hooks);
  state.stands_still = stands_still;
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
      [self](const Recover& recover) {
        self->state.now = std::max(self->state.now, recover.now);
        self->state.recovering = recover;
        go_on(self->state);
      },
      [self](const Serve& serve) {
        TimerState& state = self->state;
        state.clock_runs.push_back({serve.ask, 0, true});
        if (state.clock_runs.size() == 1) begin_clock_run(state);
      },
      [self](const ClockMoved&) {
        TimerState& state = self->state;
        const ClockRun done = std::move(state.clock_runs.front());
        state.clock_runs.pop_front();
        state.recording_clock = false;
        done.ask->answer(ClockAnswer{state.now}, *state.context->journal);
        begin_clock_run(state);
      },
  };
}

}  // namespace toll::actors
