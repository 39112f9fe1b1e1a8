// Time in a simulation: what passes, what steps, what an operator says, and what server time must
// be.
#include <algorithm>

#include "tests/simulation/world.hpp"

namespace toll::tests {

using namespace billing;
using namespace actors;

void World::pass_time(const Step& step) {
  Instant left = step.pass_ms;
  while (step.on_time && left > 0 && server_.alarm() && *server_.alarm() > server_.now()) {
    const Instant ms = std::min(left, *server_.alarm() - server_.now());
    pass(ms);
    left -= ms;
    if (server_.now() < *server_.alarm()) continue;  // server time waits for the wall clock
    server_.tick();
    server_.settle();
  }
  pass(left);
  if (step.disk_full) server_.watch();
  server_.tick();
  if (step.on_time) server_.settle();
}

void World::pass(Instant ms) {
  server_.pass(ms);
  clock_.pass(ms);
}

void World::step_wall(Instant ms) {
  server_.step_wall(ms);
  clock_.step(ms);
}

std::string World::say(persistence::ClockWord word) {
  const bool accept = word == persistence::ClockWord::accept;
  const bool ahead = clock_.ahead() > 0;
  const bool something = clock_.astray() && (accept || ahead);
  const Instant before = clock_.server();
  if (something) accept ? clock_.accept() : clock_.resume();
  if (something && ahead) oracle_.decided(ClockResumed{clock_.ahead()});
  if (something && !ahead) oracle_.decided(ClockAccepted{before});
  if (server_.clock_keeper().obey(word).done != something) return "a word about the clock is lost";
  return "";
}

std::string World::wrong_time() {
  const Clock::View view = server_.clock().view();
  if (view.now != clock_.server()) {
    return "server time is " + std::to_string(view.now - clock_.server()) + " ms from right";
  }
  return (view.astray_ms != 0) == clock_.astray() ? "" : "the clock is said to be astray or not";
}

/// The server knows what is on record, and the records have been followed.
std::string World::restart_clock() {
  const Instant last_recorded = server_.storage().recovered().last_recorded;
  const ClockOffset offset = oracle_.clock_offset();
  clock_.start(last_recorded, offset.ms, offset.at - offset.ms);
  const bool believed = !unkept_ || clock_.server() - last_recorded <= hour;
  return believed ? wrong_time() : "a clock is believed that nobody keeps right";
}

void World::away(Instant ms, Instant jump_ms) {
  server_.pass(ms);
  server_.step_wall(jump_ms);
  clock_.away(ms + jump_ms);
}

}  // namespace toll::tests
