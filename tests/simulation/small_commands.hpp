// The small worlds as the real actors meet them: their names and what they are asked.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "actors/command.hpp"
#include "billing/facts.hpp"
#include "tests/simulation/small_scope.hpp"

namespace toll::tests {

/// Every ordering is a world of its own: no id is in two of them, so one server plays many.
std::string id(std::size_t world, const char* what, int number);

/// A record's world; none for those of the server itself.
std::optional<std::size_t> world_of(const billing::Record& record);

/// What makes a world: its subscriptions, and its sessions, answered.
std::vector<actors::Command> setup_of(const Scope& scope, std::size_t world,
                                      const Ordering& ordering);

/// What an event asks; an expiry asks nothing, it comes by itself.
std::optional<actors::Command> command_of(std::size_t world, const Event& event);

}  // namespace toll::tests
