// Plays the clients of a peer in a closed loop.
#pragma once

#include <chrono>
#include <mutex>
#include <optional>
#include <vector>

#include "bench/common/histogram.hpp"
#include "bench/peers/peer.hpp"

namespace toll::bench {

/// The work's requests, which the clients take in order.
class Course {
 public:
  using Clock = std::chrono::steady_clock;

  explicit Course(const Work& work) : work_(work) {}
  const Work& work() const { return work_; }

  void run_until(Clock::time_point end) { end_ = end; }

  /// None once the time is over; with ten attempts, after the tenth of a unit.
  std::optional<Request> take();

 private:
  const Work& work_;
  std::mutex mutex_;
  Clock::time_point end_;
  std::uint64_t next_ = 0;
};

struct PeerFigures {
  std::int64_t units = 0;
  std::int64_t requests = 0;
  double seconds = 0;
  Histogram latency;
};

/// A client for each link for this many seconds: a thread each, or one thread for all of them where
/// the links allow it. Throws std::runtime_error when the peer fails.
PeerFigures drive(const std::vector<std::unique_ptr<Link>>& links, Course& course, double seconds);

}  // namespace toll::bench
