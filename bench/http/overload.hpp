// More than the server can do, for a while: what it refuses, what the others notice of it, what it
// costs in memory, and how soon it is as it was before.
#pragma once

#include "bench/common/report.hpp"
#include "bench/http/bench.hpp"

namespace toll::bench {

struct OverloadOptions {
  double seconds = 0;  ///< of the overload
  double times = 2;    ///< what is offered, as a multiple of what the server can do
  /// Of the closed loop that shows what it can do: fewer than its --max-requests.
  std::size_t few_connections = 64;
  bool judge = false;       ///< whether the bounds below hold: they are times, so only by hand
  std::string verify_with;  ///< tollctl, or empty
};

/// One row for each phase: the closed loop that shows what the server can do, half of that, the
/// overload, and half of it again; for a judge second by second, until it is as before. Server and
/// load have cores of their own. Throws std::runtime_error when nothing was refused, the books
/// disagree, or requests are under way that nobody waits for. A judge also throws when a twentieth
/// of what was offered found no connection free, what is done has a p99, from when it was due, of
/// more than 5 times that of half the load, refusals one from sending of more than 50 ms,
/// memory is twice that of half the load, a fifth of what it can do is not done, a
/// hundredth is refused at half the load, or it is not as before after half a minute.
std::vector<Json> overload(const HttpOptions& http, const OverloadOptions& options);

}  // namespace toll::bench
