#include "actors/unbilled.hpp"

#include <catch2/catch.hpp>

#include "tests/actors/commands.hpp"

namespace toll::tests {

using actors::Unbilled;
using namespace billing;

namespace {

constexpr Instant second = 1000;
constexpr Instant hour = 60 * minute;

Session unbilled_session(const std::string& id, Instant from, Instant to, std::int64_t units = 0) {
  Session session;
  session.id = id;
  session.patient = "p";
  session.doctor = "d";
  session.created_at = from;
  session.ended_at = to;
  session.units_used = units;
  return session;
}

/// A session that the patient started himself, from its start to its end.
void own(Unbilled& unbilled, Instant from, Instant to, std::int64_t units = 0) {
  static int made = 0;
  const std::string id = std::to_string(++made);
  unbilled.started(id);
  unbilled.ended(unbilled_session(id, from, to, units));
}

}  // namespace

TEST_CASE("900 s within an hour are too much, and 1 ms less is not") {
  Unbilled unbilled;
  own(unbilled, t0, t0 + 15 * minute - 1);
  CHECK_FALSE(unbilled.refused_until("p", "d", t0 + 15 * minute));
  own(unbilled, t0 + 20 * minute, t0 + 20 * minute + 1);
  const Instant now = t0 + 21 * minute;
  REQUIRE(unbilled.refused_until("p", "d", now));
  CHECK(*unbilled.refused_until("p", "d", now) == t0 + hour + 1);
  CHECK_FALSE(unbilled.refused_until("p", "d", t0 + hour + 1));
  CHECK_FALSE(unbilled.refused_until("p", "e", now));
  CHECK_FALSE(unbilled.refused_until("q", "d", now));
}

TEST_CASE("only what lies within the hour counts, and only what was not billed") {
  Unbilled unbilled;
  own(unbilled, t0 - 10 * hour, t0 + 10 * minute);  // began long ago
  CHECK_FALSE(unbilled.refused_until("p", "d", t0 + 56 * minute));
  REQUIRE(unbilled.refused_until("p", "d", t0 + 10 * minute));
  CHECK(*unbilled.refused_until("p", "d", t0 + 10 * minute) == t0 + 55 * minute + 1);
  own(unbilled, t0 + 20 * minute, t0 + 50 * minute, 4);
  CHECK_FALSE(unbilled.refused_until("p", "d", t0 + 56 * minute));
  unbilled.ended(unbilled_session("of the clinic", t0 + 10 * minute, t0 + 55 * minute));
  CHECK_FALSE(unbilled.refused_until("p", "d", t0 + 56 * minute));
}

TEST_CASE("many short sessions are as much as a long one, and are forgotten in time") {
  Unbilled unbilled;
  Instant now = t0;
  for (int i = 0; i < 9000; ++i, now += 100) own(unbilled, now, now + 100);
  REQUIRE(unbilled.refused_until("p", "d", now));
  CHECK(*unbilled.refused_until("p", "d", now) == t0 + hour + 1);
  // He goes on whenever he may: an hour never has more than that.
  Instant busy = 0;
  const Instant end = now + 3 * hour;
  while (now < end) {
    if (const auto until = unbilled.refused_until("p", "d", now)) {
      CHECK(*until > now);
      now = *until;
      continue;
    }
    own(unbilled, now, now + second);
    busy += second;
    now += second;
  }
  CHECK(busy <= 3 * Unbilled::most_ms + 3 * minute);
  CHECK(busy >= 3 * Unbilled::most_ms - 3 * minute);
  unbilled.started("x");
  Session other = unbilled_session("x", now + 2 * hour, now + 2 * hour + 1);
  other.patient = "q";
  unbilled.ended(other);
  CHECK(unbilled.known() == 1);
}

}  // namespace toll::tests
