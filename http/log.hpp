// The log: one JSON object a line on standard error.
#pragma once

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

}  // namespace toll::http
