// What server time is, for everything that the machine's clocks can do: docs/RULES.md, "The clock".
#include "actors/server_time.hpp"

#include <catch2/catch.hpp>
#include <vector>

namespace toll::actors {

using billing::ClockOffset;
using billing::Instant;

namespace {

constexpr Instant second = 1'000;
constexpr Instant minute = 60 * second;
constexpr Instant hour = 60 * minute;
constexpr Instant day = 24 * hour;
constexpr Instant t0 = 1'767'225'600'000;

struct Look {
  Instant wall;    ///< after t0
  Instant steady;  ///< after the start
  Instant now;     ///< after t0, what server time must be
  int astray;      ///< the wall clock: 1 ahead, -1 behind, 0 followed
};

int sign(Instant ms) { return (ms > 0) - (ms < 0); }

/// From a start at t0 on.
void follow(const std::vector<Look>& looks) {
  ServerTime time(t0, {}, {t0, 0});
  for (const Look& look : looks) {
    INFO("wall " << look.wall << ", steady " << look.steady);
    CHECK(time.move({t0 + look.wall, look.steady}) - t0 == look.now);
    CHECK(sign(time.astray_ms()) == look.astray);
  }
}

}  // namespace

TEST_CASE("server time follows the wall clock, slewed or suspended, and small steps of it") {
  follow({{500, 500, 500, 0},
          {900, 1'000, 900, 0},   // slewed
          {hour, hour, hour, 0},  // suspended: both went on
          {hour + 5 * minute, hour, hour + 5 * minute, 0},
          {hour, hour, hour + 5 * minute, 0},  // it stands still, and waits
          {hour + 4 * minute, hour + 4 * minute, hour + 5 * minute, 0},
          {hour + 6 * minute, hour + 6 * minute, hour + 6 * minute, 0}});
}

TEST_CASE("server time never follows a step of more than five minutes, and goes on meanwhile") {
  follow({{5 * minute + 1, 0, 0, 1},
          {5 * minute + 1 + hour, hour, hour, 1},
          {hour + minute, hour + minute, hour + minute, 0},  // it is back
          {-day, hour + minute, hour + minute, -1},
          {-day + hour, 2 * hour + minute, 2 * hour + minute, -1},
          {400 * day, 2 * hour + minute, 2 * hour + minute, 1},
          {2 * hour + 5 * minute, 2 * hour + 2 * minute, 2 * hour + 5 * minute, 0}});
}

TEST_CASE("small steps that add up to more than five minutes are not followed back") {
  follow({{-4 * minute, 0, 0, 0},
          {-4 * minute + second, second, 0, 0},
          {-8 * minute + second, second, 0, -1},
          {-8 * minute + 2 * second, 2 * second, second, -1}});
}

TEST_CASE("a start believes a wall clock that is ahead, and is not held up by one that is behind") {
  CHECK(ServerTime(t0, {}, {t0 + day, 7}).now() == t0 + day);
  CHECK(ServerTime(t0, {}, {t0 + day, 7}).astray_ms() == 0);
  ServerTime waits(t0, {}, {t0 - 5 * minute, 7});
  CHECK(waits.astray_ms() == 0);
  CHECK(waits.move({t0 - minute, 7 + 4 * minute}) == t0);
  ServerTime goes_on(t0, {}, {t0 - 5 * minute - 1, 7});
  CHECK(goes_on.astray_ms() == -5 * minute - 1);
  CHECK(goes_on.move({t0 - minute - 1, 7 + 4 * minute}) == t0 + 4 * minute);
}

TEST_CASE("a wall clock that is ahead and taken as it is, is jumped to") {
  ServerTime time(t0, {}, {t0, 0});
  time.move({t0 + day, 0});
  time.take_wall({t0 + day, 0});
  CHECK(time.astray_ms() == 0);
  CHECK(time.now() == t0 + day);
  CHECK_FALSE(time.offset());
  CHECK(time.move({t0 + day + 5, 5}) == t0 + day + 5);
}

TEST_CASE("server time that is resumed loses one second in a thousand until they meet") {
  ServerTime time(t0, {}, {t0, 0});
  time.move({t0 - hour, 0});
  time.take_wall({t0 - hour, 0});
  CHECK(time.astray_ms() == 0);
  REQUIRE(time.offset() == ClockOffset{t0, hour});
  Instant before = t0;
  for (Instant passed = second; passed <= 1'000 * hour + hour; passed += second) {
    const Instant now = time.move({t0 - hour + passed, passed});
    REQUIRE(time.astray_ms() == 0);
    REQUIRE(now - before >= second - 1);
    REQUIRE(now - before <= second);
    before = now;
    REQUIRE(time.offset().has_value() == (passed < 1'000 * hour));
  }
  CHECK(before == t0 - hour + 1'001 * hour);
}

TEST_CASE(
    "a wall clock that steps again is astray although it was resumed, and what is put right is "
    "followed") {
  ServerTime time(t0, {}, {t0, 0});
  time.move({t0 - day, 0});
  time.take_wall({t0 - day, 0});
  CHECK(time.move({t0 - day - hour, second}) == t0 + second);
  CHECK(time.astray_ms() == -hour - second);
  CHECK(time.move({t0 + 2 * second, 2 * second}) == t0 + 2 * second);
  CHECK(time.astray_ms() == 0);
  CHECK_FALSE(time.offset());
}

TEST_CASE("an offset on record is what a start goes on with, unless they have met meanwhile") {
  const ClockOffset offset{t0, day};
  const ServerTime goes_on(t0 + hour, offset, {t0 - day + 2 * hour, 0});
  CHECK(goes_on.now() == t0 + 2 * hour - 7'200);
  CHECK(goes_on.offset() == offset);
  const ServerTime met(t0 + hour, offset, {t0 + 2 * hour, 0});
  CHECK(met.now() == t0 + 2 * hour);
  CHECK_FALSE(met.offset());
  const ServerTime behind(t0 + hour, offset, {t0 - 2 * day, 0});
  CHECK(behind.now() == t0 + hour);
  CHECK(behind.astray_ms() < -day);
}

}  // namespace toll::actors
