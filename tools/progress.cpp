#include "tools/progress.hpp"

#include <chrono>
#include <iostream>
#include <memory>

namespace toll::tools {

namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::seconds between_lines{5};

}  // namespace

persistence::Progress progress() {
  const auto written = std::make_shared<Clock::time_point>(Clock::now());
  return [written](const char* what, billing::Seq done, billing::Seq of) {
    const auto now = Clock::now();
    if (now - *written < between_lines) return;
    *written = now;
    std::cerr << "tollctl: " << what;
    if (done > 0) std::cerr << ' ' << done;
    if (of > 0) std::cerr << " of " << of << " records";
    std::cerr << std::endl;
  };
}

}  // namespace toll::tools
