// The stream of events of the real server: nothing missing and nothing twice, whatever happens.
#include <signal.h>

#include <catch2/catch.hpp>
#include <thread>

#include "tests/e2e/api.hpp"
#include "tests/support/event_client.hpp"

using namespace toll::test;

namespace {

Json top_up() { return {{"units", {{"voice", 1}}}}; }

/// Four clients that top up until the server is gone.
std::vector<std::jthread> writers(std::uint16_t port) {
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([port] {
      try {
        Api api(port);
        while (api.post("/v1/subscriptions/s1/topups", top_up()).status == 201) continue;
      } catch (const LostAnswer&) {
      }
    });
  }
  return threads;
}

std::vector<Json> all_events(Api& api) {
  std::vector<Json> all;
  for (;;) {
    const std::string after = std::to_string(all.size());
    const Json items = api.get("/v1/events?limit=500&after=" + after).body["items"];
    if (items.empty()) return all;
    all.insert(all.end(), items.begin(), items.end());
  }
}

}  // namespace

TEST_CASE("a stream resumed with Last-Event-ID after each kill -9 is the journal, fact by fact") {
  TestServer toll;
  toll.api().grant("s1", "p1", 1);
  std::vector<Event> seen;
  const auto read = [&seen](EventClient& stream) {
    seen.push_back(stream.next());
    REQUIRE(seen.back().id == std::to_string(seen.size()));
  };
  for (int kill = 0; kill < 5; ++kill) {
    auto clients = writers(toll.server().port());
    EventClient stream(toll.server().port(), seen.empty() ? "" : seen.back().id);
    for (int i = 0; i < 500; ++i) read(stream);
    toll.crash_and_restart();
    clients.clear();
    try {
      for (;;) read(stream);  // what was on its way
    } catch (const LostAnswer&) {
    }
  }
  const auto journal = all_events(toll.api());
  REQUIRE(journal.size() >= seen.size());
  EventClient stream(toll.server().port(), seen.back().id);
  while (seen.size() < journal.size()) read(stream);
  for (std::size_t i = 0; i < journal.size(); ++i) {
    REQUIRE(journal[i].dump() == Json::parse(seen[i].data).dump());
    REQUIRE(journal[i]["type"] == seen[i].type);
  }
  toll.api().post("/v1/subscriptions/s1/topups", top_up());
  read(stream);
  CHECK(seen.back().type == "topped_up");
}

TEST_CASE("open streams are no requests under way, and SIGTERM ends them") {
  TestServer toll({"--max-streams", "100"});
  toll.api().grant("s1", "p1", 1);
  std::vector<std::unique_ptr<EventClient>> streams;
  for (int i = 0; i < 100; ++i) {
    streams.push_back(std::make_unique<EventClient>(toll.server().port(), ""));
    for (std::uint64_t seq = toll.api().last_seq();
         streams.back()->next().id != std::to_string(seq);)
      continue;
  }
  CHECK_THROWS_AS(EventClient(toll.server().port(), ""), LostAnswer);
  const std::string metrics = toll.api().client().get("/metrics").body;
  CHECK_THAT(metrics, Catch::Contains("\ntoll_gates_waiting 0\n") &&
                          Catch::Contains("\ntoll_streams 100\n") &&
                          Catch::Contains("\ntoll_streams_dropped_total 0\n"));
  toll.api().post("/v1/subscriptions/s1/topups", top_up());
  for (auto& stream : streams) CHECK(stream->next().type == "topped_up");
  CHECK(toll.server().stop(SIGTERM) == 0);
  for (auto& stream : streams) CHECK_THROWS_AS(stream->next(), LostAnswer);
}
