// Tells a `perf record` that waits for it (bench/profile) when something is measured, so that the
// profile shows nothing else.
#pragma once

#include <string>

namespace toll::bench {

/// The fifo that perf listens to (its --control); empty, the default: there is none.
void set_perf_control(std::string fifo);

/// perf records while it lives.
class Profiled {
 public:
  Profiled();
  ~Profiled();
  Profiled(const Profiled&) = delete;
  Profiled& operator=(const Profiled&) = delete;
};

}  // namespace toll::bench
