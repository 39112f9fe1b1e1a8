// How late timers fire by the real clock while other requests keep the engine busy.
#pragma once

#include <filesystem>

#include "bench/common/histogram.hpp"

namespace toll::bench {

struct Lateness {
  Histogram timers;           ///< in milliseconds, recorded as milliseconds x 1e6
  std::int64_t expected = 0;  ///< sessions that became due within the watch
  std::int64_t charged = 0;   ///< units that the timers took
  double load_per_s = 0;      ///< durable requests a second meanwhile
};

/// Starts `sessions` calls, spread evenly over one interval of this many seconds, and watches the
/// next interval, in which each of them becomes due once, while `clients` start and end other calls
/// as fast as they can. The directory can be verified afterwards.
Lateness watch_timers(const std::filesystem::path& directory, std::size_t sessions,
                      std::int64_t interval_s, std::size_t clients);

}  // namespace toll::bench
