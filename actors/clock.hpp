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

/// Never goes back, also across restarts: the later of the last recorded time and the wall clock.
/// The test clock stands still until it is moved.
class Clock {
 public:
  /// `test_start` makes it a test clock that starts there, or at `last_recorded` if that is later.
  Clock(billing::Instant last_recorded, std::optional<billing::Instant> test_start);

  billing::Instant now();
  bool is_test_clock() const { return test_; }

  /// Moves a test clock forward, never back.
  void move_to(billing::Instant instant);

 private:
  const bool test_;
  std::atomic<billing::Instant> latest_;
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
/// an outage is measured from the last one (rule 6).
class Heartbeat {
 public:
  Heartbeat(Clock& clock, std::function<void(billing::Instant)> record);
  ~Heartbeat();  ///< records a last sign

  /// Calls `done` after a sign of life not older than this call is durable.
  void beat(std::function<void()> done);

 private:
  void run();

  Clock& clock_;
  const std::function<void(billing::Instant)> record_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::function<void()>> asked_;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace toll::actors
