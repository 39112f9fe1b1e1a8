// What the systems share beside the work: the names in it, its prices, and how discrepancies are
// told.
#pragma once

#include <algorithm>
#include <cstdint>
#include <stdexcept>
#include <string>

namespace toll::bench {

inline constexpr std::int64_t interval_ms = 600'000;
inline constexpr std::int64_t unit_pay = 350'000;  ///< the default rate

/// A letter for the kind and seven digits.
inline std::string id(char kind, std::size_t number) {
  const std::string digits = std::to_string(number);
  return kind + std::string(7 - std::min<std::size_t>(digits.size(), 7), '0') + digits;
}

/// Throws std::runtime_error unless the books say what they must.
inline void expect_in_books(const std::string& what, std::int64_t found, std::int64_t expected) {
  if (found == expected) return;
  throw std::runtime_error("the books disagree: " + what + " is " + std::to_string(found) +
                           ", not " + std::to_string(expected));
}

}  // namespace toll::bench
