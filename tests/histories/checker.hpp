// Whether a history is linearizable: whether its operations can be put into one order, each at some
// point between its request and its answer, in which the sequential rules give all these answers.
// Wing and Gong's search, with Lowe's memory of what was tried.
//
// Histories that share no subscription are checked each by itself: linearizability is a property of
// every object alone (Herlihy and Wing), and these have no object in common.
#pragma once

#include "tests/histories/spec.hpp"

namespace toll::tests {

struct Verdict {
  bool linearizable = false;
  bool decided = true;    ///< false: too many states, the search was given up
  std::size_t tried = 0;  ///< states of the search
  std::string why_not;    ///< how far the longest attempt came, and what was left
};

inline constexpr std::size_t most_operations = 128;
Verdict check(const History& history, const Spec& start, std::size_t most_states = 100'000);

}  // namespace toll::tests
