// What an outage costs: kill -9, and a restart whose clock is later.
#include <catch2/catch.hpp>
#include <csignal>

#include "tests/e2e/api.hpp"

using namespace toll::test;

TEST_CASE("downtime: bill_all charges, forgive forgives, cap:1 does one and then the other") {
  struct Case {
    std::string policy;
    int charged, forgiven;
  };
  const Case c = GENERATE(Case{"bill_all", 2, 0}, Case{"forgive", 0, 2}, Case{"cap:1", 1, 1});
  INFO(c.policy);
  TempDir files;
  const std::string policy =
      write_file(files / "policy.json", Json{{"downtime_policy", c.policy}}.dump());
  TestServer toll({"--policy", policy});
  toll.api().grant("s1", "p1", 10);
  toll.api().open("c1", "voice", "p1", "d1");
  toll.api().advance(9 * minute_ms);
  toll.crash_and_restart(25 * minute_ms);

  Api& api = toll.api();
  Json session = api.session("c1");
  CHECK(session["auto_deductions_processed"] == 2);
  CHECK(session["sessions_used"] == c.charged);
  CHECK(session["units_due"] == 0);
  CHECK(session["next_deduction_at"] == clock_time(30 * minute_ms));
  int forgiven = 0;
  for (const auto& line : api.lines("c1")) {
    if (line["kind"] != "forgiven") continue;
    ++forgiven;
    CHECK(line["units"] == 0);
    CHECK(line["pay"]["amount"] == 0);
  }
  CHECK(forgiven == c.forgiven);
  CHECK(api.units("s1", "voice")["held"] == 1);

  api.advance(6 * minute_ms);
  session = api.end("c1")["session"];
  CHECK(session["auto_deductions_processed"] == 3);
  CHECK(session["sessions_used"] == c.charged + 2);
  CHECK(api.wallet("d1")["balance"] == (c.charged + 2) * rate);
}

TEST_CASE("downtime: only boundaries inside the outage are forgiven") {
  TempDir files;
  const std::string policy = write_file(files / "policy.json", R"({"downtime_policy": "forgive"})");
  TestServer toll({"--policy", policy});
  toll.api().grant("s1", "p1", 10);
  toll.api().open("c1", "voice", "p1", "d1");
  toll.api().advance(12 * minute_ms, false);
  toll.crash_and_restart(25 * minute_ms);
  const Json session = toll.api().session("c1");
  CHECK(session["auto_deductions_processed"] == 2);
  CHECK(session["sessions_used"] == 1);
}

namespace {

/// The kinds of the events in the feed from `type` on.
std::vector<std::string> kinds_from(Api& api, const std::string& type) {
  const Json page = api.get("/v1/events?limit=500").body;
  std::vector<std::string> kinds;
  for (const Json& event : page["items"]) {
    if (event["type"] == type || !kinds.empty()) kinds.push_back(event["type"]);
  }
  return kinds;
}

}  // namespace

TEST_CASE("downtime: crash after crash has one cap, and service between them is charged") {
  TempDir files;
  const std::string policy = write_file(files / "policy.json", R"({"downtime_policy": "cap:1"})");
  TestServer toll({"--policy", policy});
  toll.api().grant("s1", "p1", 20);
  toll.api().open("c1", "voice", "p1", "d1");
  toll.api().advance(9 * minute_ms);
  toll.crash_and_restart(15 * minute_ms);
  toll.api().advance(6 * minute_ms);  // minute 20 is in service
  toll.crash_and_restart(35 * minute_ms);
  toll.crash_and_restart(45 * minute_ms);
  Json session = toll.api().session("c1");
  CHECK(session["auto_deductions_processed"] == 4);
  CHECK(session["sessions_used"] == 2);
  toll.api().advance(14 * minute_ms);  // an interval of service, and minute 50 in it
  toll.crash_and_restart(75 * minute_ms);
  session = toll.api().session("c1");
  CHECK(session["auto_deductions_processed"] == 7);
  CHECK(session["sessions_used"] == 4);
}

TEST_CASE("downtime: what is longer than --max-outage is forgiven, without an operator's word") {
  struct Case {
    std::vector<std::string> options;
    int charged;
  };
  const Case c = GENERATE(Case{{}, 144}, Case{{"--max-outage", "2h"}, 12},
                          Case{{"--accept-outage", "2026-01-02T00:00:00Z=bill"}, 432},
                          Case{{"--accept-outage", "2026-01-02T00:00:00Z=forgive"}, 0},
                          Case{{"--accept-outage", "2026-01-05T00:00:00Z=bill"}, 144});
  INFO(c.options.size() << ' ' << c.charged);
  TempDir dir;
  const auto start = [&](const std::string& clock, std::vector<std::string> more) {
    more.insert(more.end(), {"--test-clock", clock});
    return std::make_unique<Server>(dir / "data", more);
  };
  auto server = start(midnight, {});
  Api(*server).grant("s1", "p1", 1000);
  Api(*server).open("c1", "voice", "p1", "d1");
  server->stop(SIGKILL);
  server = start(clock_time(3 * 24 * 60 * minute_ms), c.options);
  Api api(*server);
  const Json session = api.session("c1");
  CHECK(session["sessions_used"] == c.charged);
  CHECK(session["auto_deductions_processed"] == 432);
  const auto kinds = kinds_from(api, "outage_began");
  REQUIRE(kinds.size() > 1);
  CHECK((kinds[1] == "outage_judged") == (c.charged == 432 || c.charged == 0));
  CHECK(kinds.back() == "ready");
  server->stop(SIGKILL);
  server = start(clock_time(3 * 24 * 60 * minute_ms), c.options);
  CHECK(Api(*server).session("c1") == session);
}

TEST_CASE("down from 9:00 to 25:00 with one unit left: 1 taken, 1 paid, ended at 10:00") {
  TestServer toll;
  toll.api().grant("s1", "p1", 1);
  toll.api().open("c1", "voice", "p1", "d1");
  toll.api().advance(9 * minute_ms);
  toll.crash_and_restart(25 * minute_ms);
  const Json session = toll.api().session("c1");
  CHECK(session["end_reason"] == "exhausted");
  CHECK(session["ended_at"] == clock_time(10 * minute_ms));
  CHECK(session["sessions_used"] == 1);
  CHECK(toll.api().wallet("d1")["balance"] == rate);
}

TEST_CASE("deadlines and ring timeouts that passed while the server was down apply at their time") {
  TestServer toll;
  toll.api().grant("s1", "p1", 2);
  toll.api().start("c1", "voice", "p1", "d1");
  toll.api().start("t1", "text", "p1", "d2");
  toll.api().post("/v1/sessions/t1/messages", {{"from", "patient"}});
  toll.crash_and_restart(60 * minute_ms);
  CHECK(toll.api().session("c1")["status"] == "missed");
  CHECK(toll.api().session("c1")["ended_at"] == clock_time(90 * second_ms));
  CHECK(toll.api().session("t1")["status"] == "expired");
  CHECK(toll.api().session("t1")["ended_at"] == clock_time(300 * second_ms));
  CHECK(toll.api().units("s1", "voice")["free"] == 2);
}

TEST_CASE("the test clock survives kill -9 and never goes back") {
  TestServer toll;
  toll.api().advance(90 * minute_ms);
  toll.crash_and_restart(0);
  CHECK(toll.api().get("/v1/test/clock").body["now"] == clock_time(90 * minute_ms));
  toll.crash_and_restart(100 * minute_ms);
  CHECK(toll.api().get("/v1/test/clock").body["now"] == clock_time(100 * minute_ms));
}

TEST_CASE("without --test-clock its routes do not exist") {
  TempDir dir;
  Server server(dir / "data");
  Api api(server);
  CHECK(api.get("/v1/test/clock").status == 404);
  CHECK(api.post("/v1/test/clock", {{"advance_ms", 0}}).code() == "not_found");
}

TEST_CASE("a session keeps the policy that it started with; a new file is a new version") {
  TempDir files;
  const std::string path = (files / "policy.json").string();
  write_file(path, "{}");
  TestServer toll({"--policy", path});
  toll.api().grant("s1", "p1", 10);
  toll.api().open("old", "voice", "p1", "d1");
  write_file(path, R"({"interval_s": 60, "rates": {"MWK": {"text": 100}}})");
  toll.crash_and_restart(0);
  Api& api = toll.api();
  const Json fresh = api.open("new", "text", "p1", "d2");
  CHECK(fresh["policy_version"] == 2);
  CHECK(fresh["next_deduction_at"] == clock_time(minute_ms));
  CHECK(api.session("old")["policy_version"] == 1);
  api.advance(10 * minute_ms);
  CHECK(api.session("old")["sessions_used"] == 1);
  CHECK(api.session("new")["end_reason"] == "exhausted");  // its 10 text units
  CHECK(api.wallet("d1")["balance"] == rate);
  CHECK(api.wallet("d2")["balance"] == 10 * 100);
  CHECK(api.session("new")["sessions_used"] == 10);
}
