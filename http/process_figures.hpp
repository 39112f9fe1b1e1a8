// What Prometheus knows of every process, by the names that its own clients use. Internal to the
// metrics: it shows prometheus-cpp.
#pragma once

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>

#include <chrono>

namespace toll::http {

class ProcessFigures {
 public:
  /// The process starts now, as far as these figures go. The registry outlives them.
  explicit ProcessFigures(prometheus::Registry& registry);

  /// Asks the kernel. Seconds since the start.
  double update();

 private:
  const std::chrono::steady_clock::time_point since_ = std::chrono::steady_clock::now();
  prometheus::Counter& cpu_;
  prometheus::Gauge& resident_;
  prometheus::Gauge& open_;
  prometheus::Gauge& most_open_;
};

}  // namespace toll::http
