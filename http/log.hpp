// The log: one JSON object a line on standard error.
#pragma once

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

namespace toll::http {

enum class LogLevel : std::uint8_t { debug, info, warn, error, critical };

struct LogField {
  std::string_view name;
  std::variant<std::string_view, std::int64_t, double> value;
};

/// `level`: debug, info, warn, error. Call it before the first line.
void start_log(const std::string& level);

/// Whether a line of this level would be written: asked first where building it costs.
bool logs(LogLevel level);

/// Writes `event` and its fields. From any thread.
void log(LogLevel level, std::string_view event, std::initializer_list<LogField> fields = {});

/// So many lines a second and no more: what is left out is still counted in the metrics.
class LogBudget {
 public:
  explicit LogBudget(std::size_t lines_a_second) : lines_(lines_a_second), left_(lines_a_second) {}

  bool take(std::chrono::steady_clock::time_point now) {
    if (now - since_ >= std::chrono::seconds(1)) {
      since_ = now;
      left_ = lines_;
    }
    return left_ > 0 && left_-- > 0;
  }

 private:
  std::size_t lines_;
  std::size_t left_;
  std::chrono::steady_clock::time_point since_;
};

}  // namespace toll::http
