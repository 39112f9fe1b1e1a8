// The server's clock. Read at the door and by the clock's own threads, never by an actor but
// the test clock's: the others know the instants in their messages.
#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <utility>

#include "actors/server_time.hpp"

namespace toll::actors {

/// The machine's clocks, which only this file reads.
Clocks machine_clocks();

/// Never goes back, also across restarts; see ServerTime. The test clock stands still until it is
/// moved. May be called from any thread.
class Clock {
 public:
  using Source = std::function<Clocks()>;

  /// Starts at a test clock's time if there is `test_start`, or at `last_recorded` if that is
  /// later. Any other reads `source`, which must be safe on every thread that reads this.
  Clock(billing::Instant last_recorded, std::optional<billing::Instant> test_start,
        std::optional<billing::ClockOffset> offset = {}, Source source = machine_clocks);

  billing::Instant now();
  bool is_test_clock() const { return test_; }

  /// Server time, and how it stands to the wall clock, at one moment.
  struct View {
    billing::Instant now = 0;
    billing::Instant ahead_ms = 0;   ///< of the wall clock; negative: behind
    billing::Instant astray_ms = 0;  ///< see ServerTime
    std::optional<billing::ClockOffset> offset;
  };
  View view();

  /// Has server time take the wall clock, if that is astray and `may`, which is told how things
  /// stand, says so. What they were before, and are.
  std::pair<View, View> take_wall(const std::function<bool(const View&)>& may);

  /// Moves a test clock forward, never back.
  void move_to(billing::Instant instant);

 private:
  View look(const Clocks& clocks);

  const bool test_;
  const Source source_;
  std::mutex mutex_;
  ServerTime time_;
  billing::Instant test_now_;
};

/// Tells steps of the wall clock from time that passes, by a clock that does not step. A process
/// that was suspended finds that both went on; a slewed clock never adds up to a step.
class StepWatch {
 public:
  static constexpr billing::Instant big_ms = 1000;

  /// By how much the wall clock has stepped since the last look; 0 if that is less than big_ms.
  billing::Instant look(const Clocks& clocks);

 private:
  std::optional<billing::Instant> difference_ms_;
};

}  // namespace toll::actors
