#include "tests/simulation/small_commands.hpp"

#include "tests/simulation/story.hpp"

namespace toll::tests {

using namespace billing;
using namespace actors;

namespace {

std::size_t world_named_in(const std::string& id) { return std::stoul(id.substr(1)); }

}  // namespace

std::string id(std::size_t world, const char* what, int number) {
  return "w" + std::to_string(world) + "-" + what + std::to_string(number);
}

std::optional<std::size_t> world_of(const Record& record) {
  return std::visit(
      [](const auto& fact) -> std::optional<std::size_t> {
        if constexpr (requires { fact.session; }) return world_named_in(fact.session);
        if constexpr (requires { fact.subscription; }) return world_named_in(fact.subscription);
        return std::nullopt;
      },
      record.fact);
}

std::vector<Command> setup_of(const Scope& scope, std::size_t w, const Ordering& ordering) {
  std::vector<Command> commands;
  Instant expires = start_of_story + day;
  for (const Placed& placed : ordering) {
    if (placed.event.kind == Event::Kind::expiry) expires = placed.at;
  }
  for (std::size_t i = 0; i < scope.units.size(); ++i) {
    PutSubscription put;
    put.id = id(w, "s", int(i));
    put.patient = id(w, "p", 0);
    if (scope.sessions > 1) put.members = {id(w, "p", 1)};
    put.units = {0, scope.units[i], 0};
    put.starts_at = start_of_story - minute + Instant(i);
    // The last one is the one that expires.
    put.ends_at = i + 1 == scope.units.size() ? expires : start_of_story + day;
    put.fingerprint = put.id;
    commands.emplace_back(put);
  }
  for (int s = 0; s < scope.sessions; ++s) {
    commands.emplace_back(StartSession{id(w, "x", s), false, Channel::voice, id(w, "p", s),
                                       id(w, "d", s), std::nullopt});
    commands.emplace_back(ActivateSession{id(w, "x", s)});
  }
  return commands;
}

std::optional<Command> command_of(std::size_t w, const Event& event) {
  const std::string session = id(w, "x", event.session);
  switch (event.kind) {
    case Event::Kind::timer:
      return WakeSession{session, std::nullopt};
    case Event::Kind::end:
      return EndSession{session, event.by, std::nullopt};
    case Event::Kind::top_up:
      return TopUpSubscription{id(w, "s", 0), {0, 1, 0}};
    case Event::Kind::expiry:
      break;  // it comes by itself
  }
  return std::nullopt;
}

}  // namespace toll::tests
