// The one pending wake-up of a server.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

#include "actors/clock.hpp"

namespace toll::actors {

/// How long a thread sleeps at most before it looks at the clock again, which may have stepped.
inline constexpr std::chrono::milliseconds longest_nap{500};

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

}  // namespace toll::actors
