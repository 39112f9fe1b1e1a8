// Half of what the server can do, for long, with restarts: what it keeps in memory and in open
// files, and whether anything is left behind when nobody asks for anything.
#pragma once

#include "bench/common/report.hpp"
#include "bench/http/bench.hpp"

namespace toll::bench {

struct SoakOptions {
  double seconds = 0;
  double restart_every_s = 30;  ///< a life; ended in turn by SIGTERM and by SIGKILL
  std::string home;             ///< kept, and gone on with if it was there; empty: a temporary one
  std::string verify_with;      ///< tollctl, or empty
};

/// Twelve rows for each life of a server, or one a minute if it is longer than that. Throws
/// std::runtime_error when the books disagree; when a request, a socket, an open file that it did
/// not have at its start and that is no table or log, a table or log that is gone or open twice, a
/// live session, a timer or an actor beyond the limit is left over; or when memory grows: the most
/// of a life's last quarter may be 16 MiB and two bytes for each request between them above the
/// most of its second quarter, and that of a later life a quarter and 16 MiB above that of the
/// first.
std::vector<Json> soak(const HttpOptions& http, const SoakOptions& options);

}  // namespace toll::bench
