// Small worlds in which everything is tried: every order of a few events, and after every record of
// every order a crash, by the real actors on the real journal.
#pragma once

#include <string>
#include <vector>

#include "billing/policy.hpp"
#include "billing/session.hpp"
#include "tests/support/model.hpp"

namespace toll::tests {

/// What happens to one of at most two sessions, or to a subscription of theirs.
struct Event {
  enum class Kind { timer, end, top_up, expiry };
  Kind kind = Kind::timer;
  int session = 0;
  int boundary = 0;                             ///< timer: which
  billing::Party by = billing::Party::patient;  ///< end: whose
};

/// An event in its place, and when it comes.
struct Placed {
  Event event;
  billing::Instant at = 0;
};
using Ordering = std::vector<Placed>;

/// Where events come that stand between two timers: at the instant of the later one, before it, or
/// each a minute after the one before. Of two timers of one boundary the later one is late then.
enum class Placing { at_the_boundary, between };

/// When a server that crashed recovers: at the instant of the crash, or when the next event comes.
enum class Recovery { at_once, with_the_next_event };

struct Scope {
  std::string name;
  int sessions = 1;
  std::vector<std::int64_t> units;  ///< of each subscription
  std::vector<Event> events;
  bool timers_in_turn = false;  ///< of one boundary always the first session's first
};

/// One session on two subscriptions: three timers, three parties that end it, top-up, expiry.
Scope one_session_two_subscriptions();
/// Two sessions on one subscription: three timers each, their ends, top-up, expiry.
Scope two_sessions_one_subscription(const std::vector<Event>& ends);

/// Every order of the scope's events in which the timers come in the order of their boundaries.
std::vector<Ordering> orderings(const Scope& scope, Placing placing);

struct Explored {
  std::string wrong;  ///< empty: nothing
  std::size_t orderings = 0;
  std::size_t crashes = 0;   ///< an ordering and a place in its journal
  std::size_t distinct = 0;  ///< of them, with another journal or another rest
  std::size_t starts = 0;
};

/// Plays every ordering without a crash, and then with a crash before and after each record.
Explored explore(const Scope& scope, Placing placing, Recovery recovery,
                 const billing::Policy& policy);

}  // namespace toll::tests
