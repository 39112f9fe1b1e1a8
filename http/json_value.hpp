// A JSON text as a small tree, read strictly: what a request says twice, or more than is needed for
// any request, is refused here, so that nothing behind has to think of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace toll::http {

struct JsonValue {
  /// `number`: anything that is not a whole number within 64 bits (1.0 and 1e3 among them).
  enum class Kind : std::uint8_t { null, boolean, integer, number, string, array, object };

  Kind kind = Kind::null;
  bool boolean = false;
  std::int64_t integer = 0;
  std::string name;  ///< of a member of an object
  std::string string;
  std::vector<JsonValue> items;  ///< elements of an array, members of an object
};

inline constexpr std::size_t max_json_depth = 16;
inline constexpr std::size_t max_json_values = 8192;
inline constexpr std::size_t max_json_members = 256;  ///< of one object

struct ParsedJson {
  JsonValue value;
  std::optional<std::string> error;  ///< a sentence, with the JSON pointer where there is one
};

/// Refuses broken JSON, text after it, invalid UTF-8, and a name that an object has twice.
ParsedJson parse_json(std::string_view text);

/// `pointer` with one more reference token, escaped (RFC 6901) and cut to a readable length.
std::string join_pointer(std::string_view pointer, std::string_view token);

}  // namespace toll::http
