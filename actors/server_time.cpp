#include "actors/server_time.hpp"

#include <algorithm>
#include <cstdlib>

#include "billing/assert.hpp"

namespace toll::actors {

using billing::ClockOffset;
using billing::Instant;

namespace {

Instant with(const std::optional<ClockOffset>& offset, Instant wall) {
  return offset ? wall + left_of(*offset, wall) : wall;
}

bool near(Instant a, Instant b) { return std::abs(a - b) <= ServerTime::farthest_ms; }

}  // namespace

ServerTime::ServerTime(Instant last_recorded, std::optional<ClockOffset> offset,
                       const Clocks& clocks)
    : now_(last_recorded), steady_(clocks.steady), offset_(offset) {
  // They met while the server was down.
  if (clocks.wall >= last_recorded) offset_.reset();
  follow(clocks.wall, std::max(last_recorded, with(offset_, clocks.wall)));
}

Instant ServerTime::move(const Clocks& clocks) {
  // A process that was moved to another machine may find another steady clock.
  const Instant passed = std::max<Instant>(0, clocks.steady - steady_);
  steady_ = clocks.steady;
  follow(clocks.wall, now_ + passed);
  return now_;
}

void ServerTime::follow(Instant wall, Instant expected) {
  if (offset_) {
    const bool met = left_of(*offset_, wall) == 0;
    const bool put_right = near(wall, expected) && !near(with(offset_, wall), expected);
    if (met || put_right) offset_.reset();
  }
  const Instant shown = with(offset_, wall);
  if (near(shown, expected)) {
    astray_ms_ = 0;
    now_ = std::max(now_, shown);
  } else {
    now_ = expected;
    astray_ms_ = shown - now_;
  }
}

void ServerTime::take_wall(const Clocks& clocks) {
  TOLL_ASSERT(astray_ms_ != 0);
  astray_ms_ = 0;
  offset_.reset();
  if (clocks.wall < now_) offset_ = ClockOffset{now_, now_ - clocks.wall};
  now_ = std::max(now_, clocks.wall);
}

}  // namespace toll::actors
