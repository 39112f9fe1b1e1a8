#include "billing/clock_offset.hpp"

#include <algorithm>

namespace toll::billing {

Instant left_of(const ClockOffset& offset, Instant wall) {
  const Instant passed = std::max<Instant>(0, wall - (offset.at - offset.ms));
  return std::max<Instant>(0, offset.ms - passed / offset_kept_for_ms);
}

}  // namespace toll::billing
