// Several commands of one request: submitted in order, answered when the last answer is there. Each
// answer has passed its own gate, so the request as a whole has passed the last one.
#pragma once

#include <functional>
#include <vector>

#include "actors/engine.hpp"

namespace toll::http {

/// `done` hears the answers in the order of the commands, once, on any thread; at once if there are
/// none.
void submit_all(actors::Engine& engine, std::vector<actors::Command> commands,
                std::function<void(std::vector<actors::Answer>&&)> done);

}  // namespace toll::http
