#include "access/rate_limiter.hpp"

#include <catch2/catch.hpp>

using namespace toll::access;
using namespace std::chrono_literals;

namespace {

const RateLimiter::Instant start{1h};

int granted(RateLimiter& limiter, const std::string& who, int requests, RateLimiter::Instant at) {
  int count = 0;
  for (int i = 0; i < requests; ++i) count += limiter.take(who, at).granted;
  return count;
}

}  // namespace

TEST_CASE("a full bucket gives its burst, then what fills") {
  RateLimiter limiter({10, 20});
  CHECK(granted(limiter, "a", 30, start) == 20);
  CHECK(granted(limiter, "a", 30, start + 99ms) == 0);
  CHECK(granted(limiter, "a", 30, start + 100ms) == 1);
  CHECK(granted(limiter, "a", 30, start + 600ms) == 5);
  CHECK(granted(limiter, "b", 30, start + 600ms) == 20);
  CHECK(granted(limiter, "a", 30, start + 1h) == 20);
}

TEST_CASE("without a burst a second's requests may come at once") {
  RateLimiter limiter({3, 0});
  CHECK(granted(limiter, "a", 9, start) == 3);
}

TEST_CASE("an answer says what is left and when") {
  RateLimiter limiter({1, 3});
  auto taken = limiter.take("a", start);
  CHECK((taken.granted && taken.limit == 3 && taken.remaining == 2 && taken.reset_s == 1));
  taken = limiter.take("a", start + 500ms);
  CHECK((taken.granted && taken.remaining == 1 && taken.reset_s == 2));
  taken = limiter.take("a", start + 500ms);
  CHECK((taken.granted && taken.remaining == 0 && taken.reset_s == 3));
  taken = limiter.take("a", start + 500ms);
  CHECK((!taken.granted && taken.remaining == 0 && taken.reset_s == 3 && taken.retry_after_s == 1));
  CHECK(limiter.take("a", start + 1s).granted);
}

TEST_CASE("who has been silent long enough is forgotten, and nobody else") {
  RateLimiter limiter({1, 10});
  REQUIRE(granted(limiter, "a", 20, start) == 10);
  for (int s = 1; s <= 60; ++s) {
    CHECK(granted(limiter, "a", 2, start + s * 1s) == 1);
    granted(limiter, "once" + std::to_string(s), 1, start + s * 1s);
  }
  CHECK(limiter.known() <= 22);
}

TEST_CASE("any number of principals costs a bounded amount of memory") {
  RateLimiter limiter({1, 10}, 100);
  for (int i = 0; i < 10'000; ++i) CHECK(limiter.take(std::to_string(i), start).granted);
  CHECK(limiter.known() <= 200);
}
