// Signs of life, and what has to be looked at as often.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "actors/clock.hpp"

namespace toll::actors {

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
