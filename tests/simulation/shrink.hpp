// Makes a story that goes wrong short enough for a person: delta debugging over its steps, then
// over what is in them.
#pragma once

#include "tests/simulation/apart.hpp"

namespace toll::tests {

struct Shrunk {
  Story story;
  Played played;
  int attempts = 0;
};

/// `story` goes wrong. Answers a shorter one that goes wrong, in which no single step, request or
/// fault can be left out; tries at most `most_attempts`.
Shrunk shrink(const Story& story, const ChangeRules& change_rules, int most_attempts = 600);

}  // namespace toll::tests
