// What a route makes of a well-formed request: an answer at once, a command for the engine, or a
// read of the rows. Routes are plain functions from a Call to an Action.
#pragma once

#include <functional>
#include <variant>

#include "actors/engine.hpp"
#include "http/reply.hpp"
#include "http/target.hpp"

namespace toll::http {

/// A routed request as the routes see it. Everything in it lives until the route returns.
struct Call {
  const std::string& id;  ///< from the path, a valid id; empty on routes without one
  const std::vector<Parameter>& parameters;
  std::string_view body;
  std::optional<std::string_view> last_event_id;  ///< of a client that resumes a stream
  actors::Engine& engine;
  const std::optional<billing::Person>& only_for;  ///< see Principal::person()
};

/// Writes the answer of a granted command, on the io thread, after its gate has opened.
using Render = Reply (*)(const actors::Answer&, const actors::Engine&);

struct AskEngine {
  actors::Command command;
  Render render;
  std::optional<billing::Cause> cause{};      ///< of a POST with an idempotency key
  std::optional<billing::Person> only_for{};  ///< set by the service
};

/// Runs on the lists' thread.
struct AskRows {
  std::function<Reply(const persistence::Rows&)> read;
};

/// The connection becomes a stream of the events after this one.
struct Follow {
  billing::Seq after;
};

using Action = std::variant<Reply, AskEngine, AskRows, Follow>;
using Handler = Action (*)(const Call&);

}  // namespace toll::http
