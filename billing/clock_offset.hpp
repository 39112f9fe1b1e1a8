// Server time that an operator has let run on ahead of the wall clock.
// Source: docs/RULES.md, "The clock".
#pragma once

#include <optional>

#include "billing/types.hpp"

namespace toll::billing {

/// At server time `at` it was `ms` (positive) ahead of the wall clock. From there on it runs at the
/// wall clock's speed, and gives back one millisecond in a thousand until the two meet.
struct ClockOffset {
  Instant at = 0;
  Instant ms = 0;
  bool operator==(const ClockOffset&) const = default;
};

inline constexpr Instant offset_kept_for_ms = 1000;  ///< each millisecond of an offset

/// What is left of the offset when the wall clock shows `wall`; 0: they have met.
Instant left_of(const ClockOffset& offset, Instant wall);

}  // namespace toll::billing
