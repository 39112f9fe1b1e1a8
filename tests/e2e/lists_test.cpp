// Lists and paging, statements, the feed of events, and that readers see every acknowledged change.
#include <catch2/catch.hpp>
#include <set>

#include "tests/e2e/api.hpp"

using namespace toll::test;

TEST_CASE("sessions are listed oldest first, filtered, in pages that lose and repeat nothing") {
  TestServer toll;
  Api& api = toll.api();
  api.grant("s1", "p1", 100);
  api.grant("s2", "p2", 100);
  std::vector<std::string> expected;
  for (int i = 0; i < 23; ++i) {
    const std::string id = "z" + std::to_string(100 - i);
    api.open(id, "text", i % 2 == 0 ? "p1" : "p2", i % 3 == 0 ? "d1" : "d2");
    if (i != 22) api.end(id);
    expected.push_back(id);
  }
  std::vector<std::string> seen;
  for (const auto& item : all_pages(api, "/v1/sessions", 5)) seen.push_back(item["id"]);
  CHECK(seen == expected);
  CHECK(all_pages(api, "/v1/sessions?patient_id=p1", 5).size() == 12);
  CHECK(all_pages(api, "/v1/sessions?doctor_id=d1", 3).size() == 8);
  CHECK(all_pages(api, "/v1/sessions?status=active", 5).size() == 1);
  CHECK(all_pages(api, "/v1/sessions?patient_id=p2&doctor_id=d2&status=ended", 2).size() == 7);
  CHECK(all_pages(api, "/v1/sessions?patient_id=nobody", 5).empty());
  CHECK(api.get("/v1/sessions").body["items"].size() == 23);
}

TEST_CASE("wallet entries: newest first, and they sum to the balance") {
  TestServer toll;
  Api& api = toll.api();
  api.put("/v1/doctors/d1", {{"currency", "USD"}});
  api.grant("s1", "p1", 100);
  for (int i = 0; i < 7; ++i) {
    api.open("c" + std::to_string(i), "video", "p1", "d1");
    api.advance(11 * minute_ms);
    api.end("c" + std::to_string(i));
  }
  const auto entries = all_pages(api, "/v1/doctors/d1/wallet/entries", 4);
  REQUIRE(entries.size() == 14);
  std::int64_t sum = 0;
  std::uint64_t last = ~0ULL;
  for (const auto& entry : entries) {
    CHECK(entry["currency"] == "USD");
    CHECK(entry["seq"].get<std::uint64_t>() < last);
    last = entry["seq"];
    sum += entry["amount"].get<std::int64_t>();
  }
  CHECK(sum == 14 * 300);
  const Json wallet = api.wallet("d1");
  CHECK(wallet == Json{{"doctor_id", "d1"},
                       {"currency", "USD"},
                       {"balance", 4200},
                       {"earned", 4200},
                       {"withdrawn", 0},
                       {"pending", 0}});
}

TEST_CASE("the statement says why each unit was charged") {
  TestServer toll;
  Api& api = toll.api();
  api.grant("s1", "p1", 10);
  api.open("c1", "voice", "p1", "d1");
  api.advance(10 * minute_ms);
  api.advance(10 * minute_ms, false);
  REQUIRE(api.post("/v1/sessions/c1/deduct", {{"triggered_by", "phone-1"}}).status == 200);
  api.advance(minute_ms);
  api.end("c1");
  const Json statement = api.get("/v1/sessions/c1/statement").body;
  CHECK(statement["session"] == api.session("c1"));
  const Json& lines = statement["lines"];
  REQUIRE(lines.size() == 3);
  CHECK(lines[0]["kind"] == "interval");
  CHECK(lines[0]["interval"] == 1);
  CHECK(lines[0]["at"] == clock_time(10 * minute_ms));
  CHECK(lines[1]["interval"] == 2);
  CHECK(lines[1]["triggered_by"] == "phone-1");
  CHECK(lines[2]["kind"] == "manual");
  CHECK(lines[2]["interval"] == nullptr);
  for (const auto& line : lines) {
    CHECK(line["units"] == 1);
    CHECK(line["subscription_id"] == "s1");
    CHECK(line["pay"] == Json{{"amount", rate}, {"currency", "MWK"}});
    CHECK(line["policy_version"] == 1);
  }
}

TEST_CASE("events: every durable fact, in order, without a gap, and again after a crash") {
  TestServer toll;
  toll.api().grant("s1", "p1", 10);
  toll.api().open("c1", "voice", "p1", "d1");
  toll.api().advance(11 * minute_ms);
  toll.api().end("c1");
  const Json before = toll.api().get("/v1/events?after=0&limit=500").body["items"];
  std::uint64_t seq = 0;
  std::multiset<std::string> types;
  for (const auto& event : before) {
    CHECK(event["seq"] == ++seq);
    CHECK(event["at"].is_string());
    types.insert(event["type"].get<std::string>());
  }
  for (const std::string type : {"granted", "created", "activated", "charged", "ended"}) {
    INFO(type);
    CHECK(types.count(type) == 1);
  }
  const Json tail = toll.api().get("/v1/events?limit=1&after=" + std::to_string(seq - 1)).body;
  CHECK(tail["items"][0]["seq"] == seq);
  CHECK(tail["next_after"] == seq);
  toll.crash_and_restart(11 * minute_ms);
  const Json after = toll.api().get("/v1/events?after=0&limit=500").body["items"];
  REQUIRE(after.size() >= before.size());
  for (std::size_t i = 0; i < before.size(); ++i) CHECK(after[i] == before[i]);
}

TEST_CASE("read your writes: every read and list includes what was acknowledged before it") {
  TestServer toll;
  Api& writer = toll.api();
  Api reader(toll.server());
  writer.grant("s1", "p1", 1000);
  for (int i = 1; i <= 100; ++i) {
    const std::string id = "t" + std::to_string(i);
    writer.open(id, "text", "p1", "d1");
    CHECK(reader.session(id)["status"] == "active");
    CHECK(reader.get("/v1/sessions?status=active").body["items"].size() == 1);
    writer.end(id);
    CHECK(reader.wallet("d1")["balance"] == i * rate);
    CHECK(reader.lines(id).size() == 1);
    CHECK(reader.get("/v1/doctors/d1/wallet/entries?limit=1").body["items"][0]["session_id"] == id);
    CHECK(reader.units("s1", "text")["taken"] == i);
  }
}

TEST_CASE("reads write nothing, also when something is due") {
  TestServer toll;
  Api& api = toll.api();
  api.grant("s1", "p1", 10);
  api.open("c1", "voice", "p1", "d1");
  api.advance(25 * minute_ms, false);
  const std::uint64_t before = api.last_seq();
  for (const std::string target :
       {"/v1/sessions/c1", "/v1/sessions/c1/statement", "/v1/sessions", "/v1/subscriptions/s1",
        "/v1/patients/p1/balance", "/v1/doctors/d1/wallet", "/v1/doctors/d1/wallet/entries",
        "/v1/events", "/v1/test/clock", "/metrics", "/livez", "/readyz"}) {
    INFO(target);
    CHECK(api.client().get(target).status == 200);
  }
  CHECK(api.session("c1")["units_due"] == 2);
  CHECK(api.session("c1")["auto_deductions_processed"] == 0);
  CHECK(api.last_seq() == before);
}
