// Bytes in pieces.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

namespace toll::tests {

/// Cut at places that only the bytes themselves decide, into pieces of a byte or of many.
inline std::vector<std::string_view> cut(std::string_view bytes) {
  std::uint64_t random = std::hash<std::string_view>()(bytes);
  const std::size_t most = std::size_t{1} << random % 8;
  std::vector<std::string_view> pieces;
  while (!bytes.empty()) {
    random = random * 6364136223846793005u + 1442695040888963407u;
    const std::size_t size = std::min<std::size_t>(1 + (random >> 33) % most, bytes.size());
    pieces.push_back(bytes.substr(0, size));
    bytes.remove_prefix(size);
  }
  return pieces;
}

}  // namespace toll::tests
