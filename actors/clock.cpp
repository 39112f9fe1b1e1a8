#include "actors/clock.hpp"

#include <time.h>

#include <algorithm>
#include <cstdlib>

#include "billing/assert.hpp"

namespace toll::actors {

using billing::Instant;

namespace {

Instant read_ms(clockid_t which) {
  timespec shown{};
  TOLL_ASSERT(clock_gettime(which, &shown) == 0);
  return Instant{shown.tv_sec} * 1000 + shown.tv_nsec / 1'000'000;
}

}  // namespace

Clocks machine_clocks() { return {read_ms(CLOCK_REALTIME), read_ms(CLOCK_BOOTTIME)}; }

Clock::Clock(Instant last_recorded, std::optional<Instant> test_start,
             std::optional<billing::ClockOffset> offset, Source source)
    : test_(test_start.has_value()),
      source_(std::move(source)),
      time_(last_recorded, offset, source_()),
      test_now_(std::max(last_recorded, test_start.value_or(0))) {}

Instant Clock::now() {
  const std::scoped_lock lock(mutex_);
  return test_ ? test_now_ : time_.move(source_());
}

void Clock::move_to(Instant instant) {
  const std::scoped_lock lock(mutex_);
  test_now_ = std::max(test_now_, instant);
}

Clock::View Clock::look(const Clocks& clocks) {
  if (test_) return {test_now_, 0, 0, {}};
  const Instant now = time_.move(clocks);
  return {now, now - clocks.wall, time_.astray_ms(), time_.offset()};
}

Clock::View Clock::view() {
  const std::scoped_lock lock(mutex_);
  return look(source_());
}

std::pair<Clock::View, Clock::View> Clock::take_wall(const std::function<bool(const View&)>& may) {
  const std::scoped_lock lock(mutex_);
  const Clocks clocks = source_();
  const View before = look(clocks);
  if (before.astray_ms == 0 || !may(before)) return {before, before};
  time_.take_wall(clocks);
  return {before, look(clocks)};
}

Instant StepWatch::look(const Clocks& clocks) {
  const Instant difference_ms = clocks.wall - clocks.steady;
  const Instant by_ms = difference_ms - difference_ms_.value_or(difference_ms);
  difference_ms_ = difference_ms;
  return std::abs(by_ms) >= big_ms ? by_ms : 0;
}

}  // namespace toll::actors
