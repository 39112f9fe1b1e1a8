// Every order of everything in two small worlds. The numbers are those of the arithmetic: n! orders
// of n events, divided by the orders of the timers that are not in time.
//
// TOLL_SMALL_SCOPE=turns tries every order of the two timers of one boundary, and =all also every
// combination of expiry policy, placing and recovery.
#include "tests/simulation/small_scope.hpp"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <string>

namespace toll::tests {

using billing::ExpiryPolicy;
using billing::Party;

namespace {

std::string wish() {
  const char* const wish = std::getenv("TOLL_SMALL_SCOPE");
  return wish ? wish : "";
}

bool all() { return wish() == "all"; }
bool either_timer_first() { return all() || wish() == "turns"; }

void explore_all(const Scope& scope, std::size_t orders) {
  for (const bool at_the_boundary : {true, false}) {
    for (const bool strict : {true, false}) {
      for (const bool at_once : {true, false}) {
        if (!all() && (strict != at_the_boundary || at_once != at_the_boundary)) continue;
        const std::string setting = std::string(at_the_boundary ? "events at the boundaries"
                                                                : "events between the boundaries") +
                                    (strict ? ", strict" : ", grandfather") +
                                    (at_once ? ", back at once" : ", back with the next event");
        DYNAMIC_SECTION(setting) {
          billing::Policy policy;
          policy.expiry = strict ? ExpiryPolicy::strict : ExpiryPolicy::grandfather;
          const Explored explored =
              explore(scope, at_the_boundary ? Placing::at_the_boundary : Placing::between,
                      at_once ? Recovery::at_once : Recovery::with_the_next_event, policy);
          REQUIRE(explored.wrong == "");
          REQUIRE(explored.orderings == orders);
          CHECK(explored.crashes > orders * scope.events.size());
          WARN(scope.name << ", " << setting << ": " << explored.orderings << " orderings, "
                          << explored.crashes << " crashes before or after a record, "
                          << explored.distinct << " of them different, " << explored.starts
                          << " starts of a server");
        }
      }
    }
  }
}

}  // namespace

TEST_CASE("one session on two subscriptions: every order and every crash", "[small]") {
  explore_all(one_session_two_subscriptions(), 40'320 / 6);
}

TEST_CASE("two sessions on one subscription: every order and every crash", "[small]") {
  using enum Event::Kind;
  // Of the 6! orders of six timers one is in turn, and 2 x 2 x 2 are in time.
  Scope scope =
      two_sessions_one_subscription({{end, 0, 0, Party::patient}, {end, 1, 0, Party::doctor}});
  scope.timers_in_turn = !either_timer_first();
  explore_all(scope, 3'628'800 / 720 * (either_timer_first() ? 8 : 1));
}

// Who ends a session that is over changes nothing, so of all six ends the first of each session
// make the orders, and the others come after every event.
TEST_CASE("two sessions on one subscription and all six ends: every order and every crash",
          "[.][small-more]") {
  using enum Event::Kind;
  using enum Party;
  for (const Party first : {patient, doctor, server}) {
    for (const Party second : {patient, doctor, server}) {
      DYNAMIC_SECTION("ends " << int(first) << " and " << int(second)) {
        Scope scope = two_sessions_one_subscription({{end, 0, 0, first}, {end, 1, 0, second}});
        scope.timers_in_turn = !either_timer_first();
        explore_all(scope, 3'628'800 / 720 * (either_timer_first() ? 8 : 1));
      }
    }
  }
}

}  // namespace toll::tests
