// Several deductions in one request.
#include <catch2/catch.hpp>
#include <thread>

#include "tests/e2e/api.hpp"

using namespace toll::test;

namespace {

Json batch_of(const std::vector<std::string>& sessions) {
  Json items = Json::array();
  for (const std::string& session : sessions) items.push_back({{"session_id", session}});
  return {{"items", items}};
}

}  // namespace

TEST_CASE("a batch: items are done one after another and answered on their own") {
  TestServer toll;
  Api& api = toll.api();
  api.grant("s1", "p1", 5);
  api.grant("s2", "p2", 1);
  api.open("a", "voice", "p1", "d1");
  api.open("b", "voice", "p2", "d2");
  api.start("c", "text", "p1", "d3");
  api.advance(25 * minute_ms, false);
  const Reply reply = api.post("/v1/deductions", batch_of({"a", "a", "b", "c", "nobody"}));
  REQUIRE(reply.status == 200);
  CHECK(
      reply.body["items"] ==
      Json::array(
          {{{"session_id", "a"}, {"deducted", 2}, {"status", 200}},
           {{"session_id", "a"}, {"deducted", 0}, {"status", 200}},
           {{"session_id", "b"}, {"deducted", 1}, {"status", 200}},
           {{"session_id", "c"}, {"deducted", 0}, {"status", 409}, {"code", "session_not_active"}},
           {{"session_id", "nobody"},
            {"deducted", 0},
            {"status", 404},
            {"code", "session_not_found"}}}));
  CHECK(api.session("b")["end_reason"] == "exhausted");
  CHECK(api.post("/v1/deductions", batch_of({})).body == Json{{"items", Json::array()}});
}

TEST_CASE("a batch with one bad item does nothing at all") {
  TestServer toll;
  Api& api = toll.api();
  api.grant("s1", "p1", 5);
  api.open("a", "voice", "p1", "d1");
  api.advance(10 * minute_ms, false);
  const std::uint64_t before = api.last_seq();
  Json typo = batch_of({"a", "a"});
  typo["items"][1]["units"] = 3;
  const std::vector<Json> bad{typo,
                              batch_of({"a", "not an id"}),
                              {{"items", {"a"}}},
                              {{"items", Json::object()}},
                              Json::object(),
                              batch_of(std::vector<std::string>(1001, "a"))};
  for (const Json& body : bad) {
    const Reply reply = api.post("/v1/deductions", body);
    INFO(body.dump().substr(0, 80));
    CHECK(reply.status == 400);
    CHECK(reply.code() == "invalid_request");
  }
  CHECK(api.last_seq() == before);
}

TEST_CASE("batches and single requests chase the same units: each is taken once") {
  TestServer toll;
  Api& api = toll.api();
  std::vector<std::string> sessions;
  for (int i = 0; i < 40; ++i) {
    const std::string n = std::to_string(i);
    api.grant("s" + n, "p" + n, 9);
    api.open("x" + n, "video", "p" + n, "d" + n);
    sessions.push_back("x" + n);
  }
  api.advance(10 * minute_ms, false);
  std::atomic<int> deducted{0};
  std::vector<std::thread> clients;
  for (int i = 0; i < 4; ++i) {
    clients.emplace_back([&, i] {
      Api own(toll.server());
      if (i == 0) {
        for (const std::string& id : sessions) deducted += own.deduct(id)["deducted"].get<int>();
        return;
      }
      const Reply reply = own.post("/v1/deductions", batch_of(sessions));
      for (const Json& item : reply.body["items"]) deducted += item["deducted"].get<int>();
    });
  }
  for (std::thread& client : clients) client.join();
  CHECK(deducted == 40);
  for (int i = 0; i < 40; ++i) {
    CHECK(api.units("s" + std::to_string(i), "video")["taken"] == 1);
  }
}
