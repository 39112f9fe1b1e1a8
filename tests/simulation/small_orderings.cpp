#include <algorithm>
#include <numeric>

#include "tests/simulation/small_scope.hpp"
#include "tests/simulation/story.hpp"

namespace toll::tests {

using billing::Party;

namespace {

/// Whether the timers come in the order of their boundaries.
bool in_time(const Scope& scope, const std::vector<std::size_t>& order) {
  int last = 0;
  for (const std::size_t i : order) {
    const Event& event = scope.events[i];
    if (event.kind != Event::Kind::timer) continue;
    const int place = event.boundary * 2 + (scope.timers_in_turn ? event.session : 0);
    if (place < last) return false;
    last = place;
  }
  return true;
}

Ordering placed(const Scope& scope, const std::vector<std::size_t>& order, Placing placing) {
  Ordering ordering;
  for (const std::size_t i : order) ordering.push_back({scope.events[i]});
  const auto boundary = [](int k) { return start_of_story + k * 10 * minute; };
  if (placing == Placing::between) {
    billing::Instant now = start_of_story;
    for (Placed& placed : ordering) {
      const bool timer = placed.event.kind == Event::Kind::timer;
      now = timer ? std::max(now, boundary(placed.event.boundary)) : now + minute;
      placed.at = now;
    }
    return ordering;
  }
  billing::Instant next = boundary(3) + minute;
  for (auto placed = ordering.rbegin(); placed != ordering.rend(); ++placed) {
    if (placed->event.kind == Event::Kind::timer) next = boundary(placed->event.boundary);
    placed->at = next;
  }
  return ordering;
}

}  // namespace

Scope one_session_two_subscriptions() {
  using enum Event::Kind;
  return {"one session on two subscriptions",
          1,
          {1, 1},
          {{timer, 0, 1, {}},
           {timer, 0, 2, {}},
           {timer, 0, 3, {}},
           {end, 0, 0, Party::patient},
           {end, 0, 0, Party::doctor},
           {end, 0, 0, Party::server},
           {top_up, 0, 0, {}},
           {expiry, 0, 0, {}}}};
}

Scope two_sessions_one_subscription(const std::vector<Event>& ends) {
  using enum Event::Kind;
  Scope scope{"two sessions on one subscription",
              2,
              {3},
              {{timer, 0, 1, {}},
               {timer, 1, 1, {}},
               {timer, 0, 2, {}},
               {timer, 1, 2, {}},
               {timer, 0, 3, {}},
               {timer, 1, 3, {}},
               {top_up, 0, 0, {}},
               {expiry, 0, 0, {}}}};
  scope.events.insert(scope.events.end(), ends.begin(), ends.end());
  return scope;
}

std::vector<Ordering> orderings(const Scope& scope, Placing placing) {
  std::vector<std::size_t> order(scope.events.size());
  std::iota(order.begin(), order.end(), 0);
  std::vector<Ordering> found;
  do {
    if (in_time(scope, order)) found.push_back(placed(scope, order, placing));
  } while (std::next_permutation(order.begin(), order.end()));
  return found;
}

}  // namespace toll::tests
