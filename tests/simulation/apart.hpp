// Plays a story in a process of its own: a server that ends itself, because an invariant does not
// hold, is then a result like any other.
#pragma once

#include "tests/simulation/world.hpp"

namespace toll::tests {

using ChangeRules = std::function<void(model::Rules&)>;

/// The model believes what the server does.
inline void right_rules(model::Rules&) {}

Played play_apart(const Story& story, const ChangeRules& change_rules = right_rules);

}  // namespace toll::tests
