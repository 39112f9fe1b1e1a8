// Signs of life, and what has to be looked at as often.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "actors/clock.hpp"

namespace toll::actors {

/// Records a sign of life at most a second apart, and the time alone whenever it is asked to, on
/// its own thread: an outage is measured from the last one (rule 6). Tells of big steps of the wall
/// clock as well.
class Heartbeat {
 public:
  struct Hooks {
    std::function<void(billing::Instant now)> sign_of_life;
    std::function<void(billing::Instant now)> time;  ///< durable when it returns
    std::function<void(billing::Instant by_ms)> on_step;
  };

  Heartbeat(Clock& clock, Hooks hooks);
  ~Heartbeat();  ///< records a last sign

  /// Calls `done` after a time not older than this call is durable; the first beat is a sign of
  /// life.
  void beat(std::function<void()> done);

 private:
  void run();
  void watch_steps();

  Clock& clock_;
  const Hooks hooks_;
  StepWatch steps_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::function<void()>> asked_;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace toll::actors
