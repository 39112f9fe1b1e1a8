// The test clock's actor: moves the clock from one due instant to the next, and to where it was
// asked to go. Only a server with a test clock has one.
#pragma once

#include <deque>
#include <functional>

#include "actors/context.hpp"

namespace toll::actors {

/// An actor touches neither clock nor disk.
struct TestClockHooks {
  std::function<billing::Instant()> now;
  std::function<void(billing::Instant to)> move;
  /// Makes the time durable, then sends ClockMoved.
  std::function<void()> record;
};

struct TestClockState {
  explicit TestClockState(TestClockActor::pointer self) : self(self) {}

  TestClockActor::pointer self;
  const Context* context = nullptr;
  TestClockHooks hooks;
  std::deque<AskPtr> asks;      ///< the first is under way
  billing::Instant target = 0;  ///< of an advance
};

TestClockActor::behavior_type test_clock_actor(
    TestClockActor::stateful_pointer<TestClockState> self, const Context* context,
    TestClockHooks hooks);

}  // namespace toll::actors
