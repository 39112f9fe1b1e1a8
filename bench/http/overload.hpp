// More than the server can do, for a while: what it refuses, what the others notice of it, what it
// costs in memory, and how soon it is as it was before.
#pragma once

#include "bench/common/report.hpp"
#include "bench/http/bench.hpp"

namespace toll::bench {

struct OverloadOptions {
  double seconds = 0;       ///< of the overload
  double times = 2;         ///< what is offered, as a multiple of what the server can do
  std::string verify_with;  ///< tollctl, or empty
};

/// One row for each phase: the closed loop that shows what the server can do, half of that, the
/// overload, and half of it again, second by second, until it is as before. Server and load have
/// cores of their own. Throws std::runtime_error when nothing was refused, it is not as before
/// after half a minute, the books disagree, or requests are under way that nobody waits for.
std::vector<Json> overload(const HttpOptions& http, const OverloadOptions& options);

}  // namespace toll::bench
