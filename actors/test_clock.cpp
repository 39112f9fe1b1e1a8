#include "actors/test_clock.hpp"

namespace toll::actors {

using billing::Instant;

namespace {

void run_timers(TestClockState& state) {
  const auto done = [clock = TestClockActor(state.self)](std::optional<Instant> next_due) {
    caf::anon_send(clock, RunEnded{next_due});
    return false;
  };
  caf::anon_send(state.context->timer, RunUntil{state.hooks.now(), done});
}

void arrive(TestClockState& state) {
  state.hooks.move(state.target);
  Ask& ask = *state.asks.front();
  const auto& advance = std::get<AdvanceClock>(std::get<ClockCommand>(ask.command()));
  if (ask.cause() && advance.advance_ms > 0) {
    ask.record(*state.context->journal, state.target, billing::ClockAdvanced{});
  }
  state.hooks.record();
}

void answer(TestClockState& state) {
  state.asks.front()->answer(ClockAnswer{state.hooks.now()}, *state.context->journal);
  state.asks.pop_front();
}

void begin(TestClockState& state) {
  while (!state.asks.empty()) {
    const auto& command = std::get<ClockCommand>(state.asks.front()->command());
    if (const auto* advance = std::get_if<AdvanceClock>(&command)) {
      state.target = billing::checked_add(state.hooks.now(), advance->advance_ms);
      return advance->run_timers ? run_timers(state) : arrive(state);
    }
    answer(state);
  }
}

/// Nothing is left that is due now.
void go_on(TestClockState& state, std::optional<Instant> next_due) {
  if (!next_due || *next_due > state.target) return arrive(state);
  if (*next_due > state.hooks.now()) {
    state.hooks.move(*next_due);
    return run_timers(state);
  }
  // It cannot go on, on a full disk or at shutdown: unavailable, the ask is dropped.
  state.asks.pop_front();
  begin(state);
}

}  // namespace

TestClockActor::behavior_type test_clock_actor(
    TestClockActor::stateful_pointer<TestClockState> self, const Context* context,
    TestClockHooks hooks) {
  self->state.context = context;
  self->state.hooks = std::move(hooks);
  return {
      [self](const Serve& serve) {
        self->state.asks.push_back(serve.ask);
        if (self->state.asks.size() == 1) begin(self->state);
      },
      [self](const RunEnded& ended) { go_on(self->state, ended.next_due); },
      [self](const ClockMoved&) {
        answer(self->state);
        begin(self->state);
      },
  };
}

}  // namespace toll::actors
