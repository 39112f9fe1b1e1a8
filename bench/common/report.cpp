#include "bench/common/report.hpp"

#include <algorithm>
#include <cmath>

namespace toll::bench {

namespace {

std::string text(const Json& value) {
  if (value.is_null()) return "-";  // nothing to tell
  return value.is_string() ? value.get<std::string>() : value.dump();
}

std::string padded(const std::string& text, std::size_t width) {
  return std::string(width - text.size(), ' ') + text;
}

}  // namespace

double rounded(double value) {
  if (value == 0 || !std::isfinite(value)) return 0;
  const double scale = std::pow(10, 2 - std::floor(std::log10(std::abs(value))));
  return std::round(value * scale) / scale;
}

std::string table(const std::vector<Json>& rows) {
  if (rows.empty()) return {};
  std::vector<std::vector<std::string>> lines(rows.size() + 1);
  for (const auto& [key, value] : rows.front().items()) lines.front().push_back(key);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (const auto& [key, value] : rows[i].items()) lines[i + 1].push_back(text(value));
  }
  std::string out;
  for (const auto& line : lines) {
    for (std::size_t column = 0; column < line.size(); ++column) {
      std::size_t width = 0;
      for (const auto& other : lines) width = std::max(width, other[column].size());
      out += padded(line[column], width) + (column + 1 < line.size() ? "  " : "\n");
    }
  }
  return out;
}

}  // namespace toll::bench
