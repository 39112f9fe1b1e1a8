// Which wall clocks a start believes.
#include "actors/clock_check.hpp"

#include <sys/timex.h>

#include <catch2/catch.hpp>
#include <cerrno>

namespace toll::actors {

namespace {

constexpr billing::Instant an_hour = 3'600'000;

ClockCheck check_of(billing::Instant ahead_ms, bool synchronised) {
  ClockCheck check;
  check.last_recorded = 7 * an_hour;
  check.shown = [=] { return 7 * an_hour + ahead_ms; };
  check.kernel = [=] { return KernelClock{synchronised, "because"}; };
  check.accepted = [] { return false; };
  check.wait = {};
  return check;
}

}  // namespace

TEST_CASE("a clock is believed for an hour, and beyond if something keeps it right") {
  CHECK_FALSE(wait_for_clock(check_of(-an_hour, false)));
  CHECK_FALSE(wait_for_clock(check_of(an_hour, false)));
  CHECK_FALSE(wait_for_clock(check_of(400 * 24 * an_hour, true)));
  try {
    wait_for_clock(check_of(an_hour + 1, false));
    FAIL("it is believed");
  } catch (const ClockNotBelieved& clock) {
    CHECK(clock.last_recorded == 7 * an_hour);
    CHECK(clock.shown == 8 * an_hour + 1);
    CHECK(std::string(clock.what()) == "because");
  }
}

TEST_CASE(
    "a start waits for a clock that is put right, that something keeps right, that is accepted") {
  int looks = 0;
  ClockCheck check = check_of(2 * an_hour, false);
  check.wait = std::chrono::hours(1);
  SECTION("put right") {
    check.shown = [&] { return ++looks < 3 ? 9 * an_hour : 7 * an_hour; };
    CHECK_FALSE(wait_for_clock(check));
  }
  SECTION("kept right") {
    check.kernel = [&] { return KernelClock{++looks == 3, {}}; };
    CHECK_FALSE(wait_for_clock(check));
  }
  SECTION("accepted") {
    check.accepted = [&] { return ++looks == 3; };
    CHECK(wait_for_clock(check));
  }
  CHECK(looks == 3);
}

TEST_CASE("what the kernel says of its clock") {
  CHECK(judged(TIME_OK, 0, 0, 0).synchronised);
  CHECK(judged(TIME_INS, 0, STA_INS, 500).synchronised);
  CHECK_FALSE(judged(TIME_ERROR, 0, STA_UNSYNC, 16'000'000).synchronised);
  CHECK_FALSE(judged(TIME_ERROR, 0, STA_UNSYNC, 0).synchronised);
  CHECK(judged(TIME_ERROR, 0, STA_UNSYNC, 1'000).synchronised);  // corrected all the same
  CHECK_FALSE(judged(-1, EPERM, 0, 0).synchronised);
  CHECK(judged(-1, EPERM, 0, 0).why.find("adjtimex") == 0);
}

}  // namespace toll::actors
