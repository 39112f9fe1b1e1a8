// One timer for each live session, and who is woken has done what was due.
#include <catch2/catch.hpp>

#include "tests/actors/commands.hpp"
#include "tests/actors/virtual_server.hpp"

namespace toll::tests {

using namespace billing;
using namespace actors;

namespace {

bool granted(const CallPtr& call) { return call->as<SessionAnswer>() != nullptr; }

}  // namespace

TEST_CASE("a live session has one timer, and one that is over has none", "[actors]") {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    VirtualServer server(seed, t0);
    server.boot();
    const Counters& counters = server.core().counters();
    server.call(grant("s1", "p1", 5));
    server.call(grant("s2", "p2", 5));
    INFO("seed " << seed);
    CHECK(counters.timers == 0);

    server.call(chat("x1", "p1", "d1"));
    CHECK(counters.timers == 1);  // for the deadline
    server.call(SendMessage{"x1", Party::doctor});
    CHECK(counters.timers == 1);  // for the boundary, which is earlier
    REQUIRE(server.alarm() == t0 + 10 * minute);

    // A phone is first at the boundary, and the timer not yet there. Whoever finds the doctor busy
    // wakes the session: the timer is the same.
    server.pass_until(t0 + 10 * minute);
    server.call(DeductUnits{"x1", "phone"});
    for (int i = 0; i < 5; ++i) {
      REQUIRE_FALSE(granted(server.call(chat("y" + std::to_string(i), "p2", "d1"))));
    }
    CHECK(counters.timers == 1);
    server.advance_to(server.now());
    server.settle();
    CHECK(counters.timers == 1);
    CHECK(server.call(GetSession{"x1"})->as<SessionAnswer>()->session.units_used == 1);

    server.issue(EndSession{"x1", Party::patient, std::nullopt});
    server.issue(EndSession{"x1", Party::doctor, std::nullopt});
    server.settle();
    CHECK(counters.timers == 0);
    CHECK(counters.live_sessions == 0);
  }
}

TEST_CASE("a start does not meet the past because many others ask", "[actors]") {
  Limits limits;
  limits.session_queue = 2;
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    VirtualServer server(seed, t0, {}, limits);
    server.boot();
    server.call(grant("s1", "p1", 1));
    server.call(grant("s2", "p2", 1));
    server.call(chat("x1", "p1", "d1"));
    server.call(SendMessage{"x1", Party::doctor});
    // Its only unit is used up: it is over, and nobody has noticed.
    server.advance_to(t0 + 10 * minute);
    std::vector<CallPtr> calls;
    for (int i = 0; i < 10; ++i) calls.push_back(server.issue(DeductUnits{"x1", "phone"}));
    const CallPtr start = server.issue(chat("x2", "p2", "d1"));
    for (int i = 0; i < 10; ++i) calls.push_back(server.issue(DeductUnits{"x1", "phone"}));
    server.settle();
    INFO("seed " << seed);
    for (const CallPtr& call : calls) CHECK(call->answer);
    CHECK(granted(start));
  }
}

}  // namespace toll::tests
