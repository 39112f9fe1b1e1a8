// Every order of everything in two small worlds. The numbers are those of the arithmetic: n! orders
// of n events, divided by the orders of the timers that are not in time.
//
// TOLL_SMALL_SCOPE=all tries every combination of expiry policy and placing, and every order of the
// two timers of one boundary, which takes minutes.
#include "tests/simulation/small_scope.hpp"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <string>

namespace toll::tests {

using billing::ExpiryPolicy;

namespace {

bool all() {
  const char* const wish = std::getenv("TOLL_SMALL_SCOPE");
  return wish && std::string(wish) == "all";
}

Explored explore_all(const Scope& scope, std::size_t orders) {
  Explored sum;
  for (const Placing placing : {Placing::at_the_boundary, Placing::between}) {
    for (const ExpiryPolicy expiry : {ExpiryPolicy::strict, ExpiryPolicy::grandfather}) {
      const bool strict = expiry == ExpiryPolicy::strict;
      if (!all() && strict != (placing == Placing::at_the_boundary)) continue;
      billing::Policy policy;
      policy.expiry = expiry;
      const Explored explored = explore(scope, placing, policy);
      REQUIRE(explored.wrong == "");
      REQUIRE(explored.orderings == orders);
      sum.orderings += explored.orderings;
      sum.crashes += explored.crashes;
      sum.distinct += explored.distinct;
      sum.starts += explored.starts;
    }
  }
  WARN(scope.name << ": " << sum.orderings << " orderings, " << sum.crashes
                  << " crashes after a record, " << sum.distinct << " of them different, "
                  << sum.starts << " starts of a server");
  return sum;
}

}  // namespace

TEST_CASE("one session on two subscriptions: every order and every crash", "[small]") {
  const Explored explored = explore_all(one_session_two_subscriptions(), 40'320 / 6);
  CHECK(explored.crashes > explored.orderings * 8);
}

TEST_CASE("two sessions on one subscription: every order and every crash", "[small]") {
  // Of the 6! orders of six timers one is in turn, and 2 x 2 x 2 are in time.
  Scope scope = two_sessions_one_subscription();
  scope.timers_in_turn = !all();
  const Explored explored = explore_all(scope, 3'628'800 / 720 * (all() ? 8 : 1));
  CHECK(explored.crashes > explored.orderings * 10);
}

}  // namespace toll::tests
