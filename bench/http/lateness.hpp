// How late timers fire by the real clock while the real server is kept busy with mixed days.
#pragma once

#include "bench/common/report.hpp"
#include "bench/http/bench.hpp"

namespace toll::bench {

struct LatenessOptions {
  std::size_t timers = 0;
  std::int64_t due_over_s = 600;  ///< the time over which they become due, evenly
  std::size_t connections = 64;   ///< that keep the server busy
  std::string verify_with;        ///< tollctl, or empty
};

/// Starts the calls over that time, and watches each of them become due once, under load. The
/// lateness is the server's own, from the due instant to the charge on disk, in buckets: each
/// figure is the upper end of its bucket, so at least the true one. Throws std::runtime_error when
/// the books disagree. One row of figures.
Json watch_timers(const HttpOptions& http, const LatenessOptions& options);

}  // namespace toll::bench
