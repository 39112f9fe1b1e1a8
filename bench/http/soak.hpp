// Half of what the server can do, for long, with restarts: what it keeps in memory and in open
// files, and whether anything is left behind when nobody asks for anything.
#pragma once

#include "bench/common/report.hpp"
#include "bench/http/bench.hpp"

namespace toll::bench {

struct SoakOptions {
  double seconds = 0;
  double restart_every_s = 30;  ///< in turn by SIGTERM and by SIGKILL
  std::string home;             ///< kept, and gone on with if it was there; empty: a temporary one
  std::string verify_with;      ///< tollctl, or empty
};

/// One row for each minute and each end of a server. Throws std::runtime_error when the books
/// disagree, or when a request, a socket, an open file that is no table, a live session, a timer or
/// an actor beyond the limit is left over; or when memory grows by more than a quarter in the
/// second half of a life of ten rows or more.
std::vector<Json> soak(const HttpOptions& http, const SoakOptions& options);

}  // namespace toll::bench
