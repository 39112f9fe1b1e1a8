// When the core tells the door to refuse.
#include <catch2/catch.hpp>

#include "tests/actors/commands.hpp"
#include "tests/actors/virtual_server.hpp"

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

}  // namespace toll::tests
