#include "bench/common/profiled.hpp"

#include <fstream>
#include <utility>

namespace toll::bench {

namespace {

std::string control;

void tell_perf(const char* what) {
  if (!control.empty()) std::ofstream(control) << what << std::endl;
}

}  // namespace

void set_perf_control(std::string fifo) { control = std::move(fifo); }

Profiled::Profiled() { tell_perf("enable"); }
Profiled::~Profiled() { tell_perf("disable"); }

}  // namespace toll::bench
