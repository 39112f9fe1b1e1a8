// Sessions that compete for the last unit of one subscription: who is due first, or asked for
// first, goes first, whatever else the patients have.
#include <catch2/catch.hpp>

#include "tests/e2e/api.hpp"

using namespace toll::test;

namespace {

/// Calls "a" and "b" of two members of "s"; "a" is five minutes older. One unit is free.
void two_calls(Api& api, const std::string& who_has_another) {
  api.grant("s", "p", 3, {{"members", {"m1", "m2"}}});
  // Cannot pay for a call, but is asked first: it takes the session's actor to find out.
  if (!who_has_another.empty()) {
    Json other{{"patient_id", who_has_another},
               {"units", {{"text", 1}}},
               {"starts_at", "2025-01-01T00:00:00Z"},
               {"ends_at", far_end}};
    REQUIRE(api.put("/v1/subscriptions/other", other).status == 201);
  }
  api.open("a", "voice", "m1", "d1");
  api.advance(5 * minute_ms);
  api.open("b", "voice", "m2", "d2");
  api.advance(1 * minute_ms);
}

}  // namespace

TEST_CASE("what is overdue is done in the order in which it was due") {
  const std::string other = GENERATE("", "m1", "m2");
  const std::string noticed_by = GENERATE("late timers", "a restart", "a restart on time");
  INFO(noticed_by << ", another subscription of " << other);
  TestServer toll;
  two_calls(toll.api(), other);
  if (noticed_by == "a restart on time") {
    toll.crash_and_restart(30 * minute_ms);
  } else {
    toll.api().advance(24 * minute_ms, false);
    noticed_by == "late timers" ? toll.api().advance(0) : toll.crash_and_restart();
  }
  Json a = toll.api().session("a");
  Json b = toll.api().session("b");
  CHECK(a["sessions_used"] == 2);
  CHECK(a["ended_at"] == clock_time(20 * minute_ms));
  CHECK(b["sessions_used"] == 1);
  CHECK(b["ended_at"] == clock_time(15 * minute_ms));
}

TEST_CASE("of two items of a batch the first gets the last unit") {
  const std::string other = GENERATE("", "m1", "m2");
  const std::string first = GENERATE("a", "b");
  const std::string key = GENERATE("", "batch-1");
  INFO(first << " first, another subscription of " << other << ", key " << key);
  TestServer toll;
  two_calls(toll.api(), other);
  toll.api().advance(9 * minute_ms, false);
  if (!key.empty()) toll.api().client().set_header("Idempotency-Key", key);
  const std::string second = first == "a" ? "b" : "a";
  const Json items{{{"session_id", first}}, {{"session_id", second}}};
  const Reply reply = toll.api().post("/v1/deductions", {{"items", items}});
  REQUIRE(reply.status == 200);
  CHECK(reply.body["items"][0]["deducted"] == 1);
  CHECK(reply.body["items"][1]["deducted"] == 1);
  CHECK(toll.api().session(first)["status"] == "active");
  CHECK(toll.api().session(second)["end_reason"] == "exhausted");
}
