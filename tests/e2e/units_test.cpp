// Where units come from: stacking, members, expiry, running out; and the routes that change them.
#include <catch2/catch.hpp>

#include "tests/e2e/api.hpp"

using namespace toll::test;

TEST_CASE("the same grant again is 200 whatever happened since; another one is a conflict") {
  TestServer toll;
  Api& api = toll.api();
  const Json body{{"patient_id", "p1"}, {"units", {{"text", 3}}},    {"ends_at", far_end},
                  {"members", {"p2"}},  {"payment_ref", "mpesa-77"}, {"plan", "family"}};
  const Reply made = api.put("/v1/subscriptions/s1", body);
  CHECK(made.status == 201);
  CHECK(made.body["starts_at"] == midnight);
  CHECK(made.body["status"] == "active");
  CHECK(made.body["plan"] == "family");
  CHECK(made.body["units"]["voice"]["granted"] == 0);
  CHECK(api.patch("/v1/subscriptions/s1", {{"status", "disabled"}}).body["status"] == "disabled");
  api.advance(minute_ms);
  const Reply same = api.put("/v1/subscriptions/s1", body);
  CHECK(same.status == 200);
  CHECK(same.body["status"] == "disabled");
  Json other = body;
  other["units"]["text"] = 4;
  const Reply conflict = api.put("/v1/subscriptions/s1", other);
  CHECK(conflict.status == 409);
  CHECK(conflict.code() == "subscription_exists");
}

TEST_CASE("patch: a disabled subscription gives nothing, members is replaced, ends_at moves") {
  TestServer toll;
  Api& api = toll.api();
  api.grant("s1", "p1", 3, {{"members", {"p2", "p3"}}});
  CHECK(api.patch("/v1/subscriptions/s1", {{"status", "disabled"}}).status == 200);
  CHECK(api.post("/v1/sessions", start_body("a", "text", "p1", "d1")).code() == "no_units");
  CHECK(api.patch("/v1/subscriptions/s1", {{"status", "active"}}).status == 200);
  api.start("a", "text", "p1", "d1");
  const Reply members = api.patch("/v1/subscriptions/s1", {{"members", {"p4"}}});
  CHECK(members.body["members"] == Json{"p4"});
  CHECK(api.post("/v1/sessions", start_body("b", "text", "p2", "d2")).code() == "no_units");
  api.start("c", "text", "p4", "d2");
  const Reply moved = api.patch("/v1/subscriptions/s1", {{"ends_at", clock_time(minute_ms)}});
  CHECK(moved.body["ends_at"] == clock_time(minute_ms));
  api.advance(minute_ms);
  CHECK(api.get("/v1/subscriptions/s1").body["status"] == "expired");
}

TEST_CASE("a top-up adds units, up to a thousand million in all") {
  TestServer toll;
  Api& api = toll.api();
  api.grant("s1", "p1", 1);
  const Reply more = api.post("/v1/subscriptions/s1/topups", {{"units", {{"text", 5}}}});
  CHECK(more.status == 201);
  CHECK(more.body["units"]["text"]["granted"] == 6);
  CHECK(more.body["units"]["voice"]["granted"] == 1);
  const Reply most =
      api.post("/v1/subscriptions/s1/topups", {{"units", {{"text", 1'000'000'000}}}});
  CHECK(most.status == 409);
  CHECK(most.code() == "too_many_units");
  CHECK(api.post("/v1/subscriptions/s1/topups", {{"units", {{"text", 999'999'994}}}}).status ==
        201);
}

TEST_CASE("balance: free units over what a new session could use, in order") {
  TestServer toll;
  Api& api = toll.api();
  api.grant("newer", "p1", 5, {{"starts_at", "2025-12-20T00:00:00Z"}});
  api.grant("older", "p1", 1, {{"starts_at", "2025-12-01T00:00:00Z"}});
  api.grant("family", "p9", 2, {{"members", {"p1"}}, {"starts_at", "2025-12-10T00:00:00Z"}});
  api.grant("future", "p1", 7, {{"starts_at", "2026-02-01T00:00:00Z"}});
  api.grant("past", "p1", 7,
            {{"starts_at", "2025-01-01T00:00:00Z"}, {"ends_at", "2025-12-31T00:00:00Z"}});
  Json balance = api.get("/v1/patients/p1/balance").body;
  CHECK(balance["patient_id"] == "p1");
  CHECK(balance["units"] == Json{{"text", 8}, {"voice", 8}, {"video", 8}});
  CHECK(balance["subscriptions"] == Json{"older", "family", "newer"});
  api.start("a", "text", "p1", "d1");
  balance = api.get("/v1/patients/p1/balance").body;
  CHECK(balance["units"]["text"] == 7);
  CHECK(api.get("/v1/patients/nobody/balance").body["units"] ==
        Json{{"text", 0}, {"voice", 0}, {"video", 0}});
}

TEST_CASE(
    "stacked: the older gives first, the session goes on with the newer, the doctor is paid") {
  TestServer toll;
  Api& api = toll.api();
  api.grant("older", "p1", 1,
            {{"starts_at", "2025-12-01T00:00:00Z"}, {"payment_ref", "ref-older"}});
  api.grant("newer", "p1", 5,
            {{"starts_at", "2025-12-20T00:00:00Z"}, {"payment_ref", "ref-newer"}});
  api.open("c1", "voice", "p1", "d1");
  api.advance(20 * minute_ms, false);
  const Json answer = api.deduct("c1");
  CHECK(answer["deducted"] == 2);
  CHECK(answer["intervals_due"] == 2);
  CHECK(answer["session"]["status"] == "active");
  const Json lines = api.lines("c1");
  REQUIRE(lines.size() == 2);
  CHECK(lines[0]["subscription_id"] == "older");
  CHECK(lines[1]["subscription_id"] == "newer");
  const Json entries = api.get("/v1/doctors/d1/wallet/entries").body["items"];
  REQUIRE(entries.size() == 2);
  CHECK(entries[0]["payment_ref"] == "ref-newer");
  CHECK(entries[1]["payment_ref"] == "ref-older");
  CHECK(entries[1]["amount"] == rate);
  CHECK(entries[1]["kind"] == "earning");
}

TEST_CASE("exhausted: the session ends at the boundary, whoever notices and however late") {
  TestServer toll;
  Api& api = toll.api();
  const std::string notices = GENERATE("timer", "deduct", "end");
  INFO(notices);
  api.grant("s1", "p1", 1);
  api.open("c1", "voice", "p1", "d1");
  api.advance(35 * minute_ms, notices == "timer");
  if (notices == "deduct") {
    const Json answer = api.deduct("c1");
    CHECK(answer["deducted"] == 1);
    CHECK(answer["intervals_due"] == 3);
  }
  if (notices == "end") {
    const Json answer = api.end("c1");
    CHECK(answer["deducted"] == 1);
    CHECK(answer["manual_unit"] == false);
    CHECK(answer["already_ended"] == false);
  }
  const Json session = api.session("c1");
  CHECK(session["status"] == "ended");
  CHECK(session["end_reason"] == "exhausted");
  CHECK(session["ended_by"] == "server");
  CHECK(session["ended_at"] == clock_time(10 * minute_ms));
  CHECK(session["sessions_used"] == 1);
  CHECK(api.wallet("d1")["balance"] == rate);
  const Reply late = api.post("/v1/sessions/c1/deduct");
  CHECK(late.status == 409);
  CHECK(late.code() == "session_not_active");
  CHECK(api.end("c1")["already_ended"] == true);
}

TEST_CASE("a hang-up at the boundary of the last unit is exhaustion, not a manual unit") {
  TestServer toll;
  Api& api = toll.api();
  api.grant("s1", "p1", 1);
  api.open("c1", "text", "p1", "d1");
  api.advance(10 * minute_ms, false);
  const Json answer = api.end("c1");
  CHECK(answer["deducted"] == 1);
  CHECK(answer["manual_unit"] == false);
  CHECK(answer["session"]["end_reason"] == "exhausted");
}

TEST_CASE("expiry during a session: grandfathered by default, strict by policy") {
  const bool strict = GENERATE(false, true);
  TempDir files;
  const std::string policy =
      write_file(files / "policy.json", strict ? R"({"expiry_policy": "strict"})" : "{}");
  TestServer toll({"--policy", policy});
  Api& api = toll.api();
  api.grant("s1", "p1", 10, {{"ends_at", clock_time(5 * minute_ms)}});
  api.open("c1", "voice", "p1", "d1");
  api.advance(25 * minute_ms);
  const Json session = api.session("c1");
  CHECK(session["sessions_used"] == (strict ? 1 : 2));
  CHECK(session["status"] == (strict ? "ended" : "active"));
  CHECK(api.post("/v1/sessions", start_body("x", "text", "p1", "d2")).code() == "no_units");
}

TEST_CASE("a subscription added during the session counts at the next boundary") {
  TestServer toll;
  Api& api = toll.api();
  api.grant("s1", "p1", 1);
  api.open("c1", "voice", "p1", "d1");
  api.advance(5 * minute_ms);
  api.grant("s2", "p1", 2);
  api.advance(60 * minute_ms);
  CHECK(api.session("c1")["sessions_used"] == 3);
  CHECK(api.session("c1")["ended_at"] == clock_time(30 * minute_ms));
}

TEST_CASE("rollover extends an ending subscription once, without a gap") {
  TestServer toll;
  Api& api = toll.api();
  const std::int64_t day = 24 * 60 * minute_ms;
  api.grant("s1", "p1", 10, {{"ends_at", clock_time(day)}, {"rollover_days", 2}});
  CHECK(api.get("/v1/subscriptions/s1").body["ends_at"] == clock_time(day));
  api.advance(day);
  CHECK(api.get("/v1/subscriptions/s1").body["ends_at"] == clock_time(3 * day));
  CHECK(api.get("/v1/subscriptions/s1").body["status"] == "active");
  api.advance(2 * day - 1);
  api.start("c1", "text", "p1", "d1");
  api.advance(1);
  CHECK(api.get("/v1/subscriptions/s1").body["status"] == "expired");
}

TEST_CASE("a member takes the last unit, the owner's start is refused, a hang-up gives it back") {
  TestServer toll;
  Api& api = toll.api();
  api.grant("s1", "p1", 1, {{"members", {"p2"}}});
  api.open("a", "voice", "p2", "d1");
  CHECK(api.post("/v1/sessions", start_body("b", "voice", "p1", "d2")).status == 402);
  api.advance(59 * second_ms);
  CHECK(api.end("a")["deducted"] == 0);
  api.open("b", "voice", "p1", "d2");
  CHECK(api.units("s1", "voice")["held"] == 1);
}
