// The server's clock and what hangs on it. Read at the door and by the clock's own threads, never
// by an actor: actors know the instants in their messages.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "billing/types.hpp"

namespace toll::actors {

/// Milliseconds since 1970 as the machine has them: may step either way.
billing::Instant wall_clock();

/// Never goes back, also across restarts: the later of the last recorded time and the wall clock.
/// The test clock stands still until it is moved.
class Clock {
 public:
  /// `test_start` makes it a test clock that starts there, or at `last_recorded` if that is later.
  /// Any other reads `wall`, which must be safe on every thread that reads this.
  Clock(billing::Instant last_recorded, std::optional<billing::Instant> test_start,
        std::function<billing::Instant()> wall = wall_clock);

  billing::Instant now();
  bool is_test_clock() const { return test_; }

  /// How far server time is ahead of a wall clock that stepped back, and so stands still.
  billing::Instant ahead_ms() const;

  /// Moves a test clock forward, never back.
  void move_to(billing::Instant instant);

 private:
  const bool test_;
  const std::function<billing::Instant()> wall_;
  std::atomic<billing::Instant> latest_;
};

/// Tells steps of the wall clock from time that passes, by a clock that does not step. A process
/// that was suspended finds that both went on; a slewed clock never adds up to a step.
class StepWatch {
 public:
  static constexpr billing::Instant big_ms = 1000;

  /// By how much the wall clock has stepped since the last look; 0 if that is less than big_ms.
  billing::Instant look(billing::Instant wall_ms, billing::Instant steady_ms);

 private:
  std::optional<billing::Instant> difference_ms_;
};

/// Calls `ring` with the clock's time once it has reached the instant set, on its own thread. One
/// wake-up is pending at most: setting it again replaces it. Follows the wall clock when it steps.
class Alarm {
 public:
  Alarm(Clock& clock, std::function<void(billing::Instant now)> ring);
  ~Alarm() { stop(); }
  void set(billing::Instant due);

  /// No ring comes after this returns.
  void stop();

 private:
  void run();

  Clock& clock_;
  const std::function<void(billing::Instant)> ring_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<billing::Instant> due_;
  bool stop_ = false;
  std::thread thread_;
};

/// Records a sign of life at most a second apart, and whenever it is asked to, on its own thread:
/// an outage is measured from the last one (rule 6). Tells of big steps of the wall clock as well.
class Heartbeat {
 public:
  Heartbeat(Clock& clock, std::function<void(billing::Instant)> record,
            std::function<void(billing::Instant by_ms)> on_step);
  ~Heartbeat();  ///< records a last sign

  /// Calls `done` after a sign of life not older than this call is durable.
  void beat(std::function<void()> done);

 private:
  void run();
  void watch_steps();

  Clock& clock_;
  const std::function<void(billing::Instant)> record_;
  const std::function<void(billing::Instant)> on_step_;
  StepWatch steps_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::function<void()>> asked_;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace toll::actors
