// The target of a request: its path in decoded segments, and its query parameters.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace toll::http {

struct Parameter {
  std::string name;
  std::string value;
};

inline constexpr std::size_t max_segments = 6;  ///< one more than the longest route has

struct Target {
  std::string authority;  ///< of an absolute target: what it asks instead of the Host field
  std::array<std::string, max_segments> segments;  ///< percent-decoded
  std::size_t count = 0;                           ///< max_segments also when the path is longer
  std::vector<Parameter> parameters;               ///< percent-decoded, in order
};

/// Reads an origin-form (`/path?query`) or an absolute `http:` target; none if it is malformed, or
/// if a segment of its path is `.` or `..`, however it is written: who resolves those, as proxies
/// do, reads another path.
std::optional<Target> parse_target(std::string_view text);

}  // namespace toll::http
