// A subscription whose end is changed: the given end is the end, and a session keeps the one that
// it was created under.
#include <catch2/catch.hpp>

#include "tests/e2e/api.hpp"

using namespace toll::test;

namespace {

constexpr std::int64_t hour_ms = 60 * minute_ms;

Reply end_at(Api& api, const std::string& subscription, std::int64_t after_midnight_ms) {
  return api.patch("/v1/subscriptions/" + subscription,
                   {{"ends_at", clock_time(after_midnight_ms)}});
}

}  // namespace

TEST_CASE("a given end is not rolled over, and the same PATCH again and again is one change") {
  TestServer toll;
  Api& api = toll.api();
  api.grant("s1", "p1", 3, {{"ends_at", clock_time(2 * hour_ms)}, {"rollover_days", 30}});
  const Json first = end_at(api, "s1", 3 * hour_ms).body;
  CHECK(first["ends_at"] == clock_time(3 * hour_ms));
  CHECK(first["rollover_days"] == 0);
  const std::uint64_t records = api.last_seq();
  for (const std::int64_t hours : {0, 2, 1, 40 * 24}) {
    api.advance(hours * hour_ms);
    CHECK(end_at(api, "s1", 3 * hour_ms).body["ends_at"] == clock_time(3 * hour_ms));
  }
  CHECK(api.last_seq() == records);
  CHECK(api.get("/v1/subscriptions/s1").body["status"] == "expired");
  CHECK(api.get("/v1/events?after=" + std::to_string(records - 1))
            .body["items"][0]["rollover_days"] == 0);
}

TEST_CASE("an end in the past is the end, and the one that is there already ends the rollover") {
  TestServer toll;
  Api& api = toll.api();
  for (const char* name : {"s1", "s2"}) {
    api.grant(name, "p1", 3,
              {{"starts_at", "2025-12-01T00:00:00Z"},
               {"ends_at", clock_time(2 * hour_ms)},
               {"rollover_days", 30}});
  }
  CHECK(end_at(api, "s1", -hour_ms).body["status"] == "expired");
  CHECK(end_at(api, "s2", 2 * hour_ms).body["rollover_days"] == 0);
  api.advance(2 * hour_ms);
  CHECK(api.get("/v1/subscriptions/s2").body["status"] == "expired");
  CHECK(api.post("/v1/sessions", start_body("a", "text", "p1", "d1")).code() == "no_units");
}

TEST_CASE(
    "grandfather: a session keeps the end that was in force when it was created, also after a "
    "crash") {
  TestServer toll;
  Api& api = toll.api();
  api.grant("s1", "p1", 5, {{"starts_at", "2025-12-01T00:00:00Z"}});
  api.open("a", "text", "p1", "d1");
  api.advance(minute_ms);
  end_at(api, "s1", -minute_ms);
  api.advance(20 * minute_ms);
  CHECK(api.session("a")["auto_deductions_processed"] == 2);
  end_at(api, "s1", -2 * minute_ms);
  toll.crash_and_restart();
  toll.api().advance(10 * minute_ms);
  CHECK(toll.api().session("a")["auto_deductions_processed"] == 3);
  CHECK(toll.api().session("a")["status"] == "active");
  CHECK(toll.api().post("/v1/sessions", start_body("b", "voice", "p1", "d2")).code() == "no_units");
}
