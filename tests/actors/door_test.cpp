// When the core tells the door to refuse.
#include <catch2/catch.hpp>
#include <future>

#include "actors/engine.hpp"
#include "tests/actors/commands.hpp"
#include "tests/actors/virtual_server.hpp"
#include "tests/support/temporary_directory.hpp"

namespace toll::tests {

using namespace billing;
using namespace actors;

TEST_CASE("rule 10: the door counts requests, and not what they or the timers cause", "[actors]") {
  Limits limits;
  limits.asks_at_door = 2;
  VirtualServer server(11, t0, {}, limits);
  server.boot();
  const auto settle_with_room = [&] {
    do {
      REQUIRE(server.core().has_capacity());
    } while (server.step());
  };
  std::vector<std::string> sessions;
  // Those with one unit end at minute 10, which takes an actor each.
  const std::map<std::string, std::int64_t> units{{"1", 1}, {"2", 1}, {"3", 1}, {"4", 5}, {"5", 5}};
  for (const auto& [n, granted] : units) {
    server.call(grant("s" + n, "p" + n, granted));
    server.call(chat("x" + n, "p" + n, "d" + n));
    server.call(SendMessage{"x" + n, Party::doctor});
    sessions.push_back("x" + n);
  }
  server.advance_to(t0 + 10 * minute);
  settle_with_room();
  server.pass_until(t0 + 20 * minute);
  Cause key;
  key.key.fill('k');
  server.issue(DeductBatch{sessions}, key);
  settle_with_room();
  server.issue(GetSession{"x1"});
  REQUIRE(server.core().has_capacity());
  server.issue(GetSession{"x2"});
  REQUIRE(!server.core().has_capacity());
  server.settle();
  REQUIRE(server.core().has_capacity());
  for (const auto& [n, granted] : units) {
    CHECK(server.call(GetSession{"x" + n})->as<SessionAnswer>()->session.units_used ==
          std::min<std::int64_t>(granted, 2));
  }
}

TEST_CASE("the door refuses while the disk or the rows are far behind", "[actors]") {
  Limits limits;
  const bool disk = GENERATE(true, false);
  if (disk) {
    limits.bytes_waiting = 100;
  } else {
    limits.records_behind = 3;
  }
  VirtualServer server(12, t0, {}, limits);
  server.boot();
  server.settle();
  REQUIRE(server.core().has_capacity());
  for (int i = 0; i < 40; ++i) server.issue(grant("s" + std::to_string(i), "p1", 5));
  while (server.core().has_capacity()) REQUIRE(server.step());
  CHECK(server.storage().journal().last() > server.storage().journal().applied());
  server.settle();
  CHECK(server.core().has_capacity());
}

TEST_CASE("as many lists as may be under way make the door refuse lists, and nothing else",
          "[actors]") {
  const test::TemporaryDirectory home;
  EngineOptions options;
  options.storage.directory = home.inside("data");
  options.limits.asks_at_door = 1;
  const std::unique_ptr<Engine> engine = Engine::start(std::move(options));
  REQUIRE(engine->lists_left() == 1);
  std::promise<void> reading, go_on, read;
  engine->query("", [&](const persistence::Rows&) {
    reading.set_value();
    go_on.get_future().wait();
  });
  reading.get_future().wait();
  CHECK(engine->lists_left() == 0);
  CHECK(engine->has_capacity());
  CHECK(engine->stats().asks_under_way == 1);
  go_on.set_value();
  engine->query_journal("", [&](const persistence::Rows&) { read.set_value(); });
  read.get_future().wait();  // on the same thread, after the list
  CHECK(engine->lists_left() == 1);
}

}  // namespace toll::tests
