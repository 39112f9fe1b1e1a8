// docs/RULES.md, "Where units come from" and "Running out".
#include <catch2/catch.hpp>

#include "tests/billing/world.hpp"

namespace toll::tests {

namespace {

constexpr auto voice = index(Channel::voice);

Granted from(Granted fact, Instant starts_at) {
  fact.starts_at = starts_at;
  return fact;
}

std::string holder(const World& world) { return world.sessions.at("x").hold->subscription; }

}  // namespace

TEST_CASE("oldest start first, then the smallest id") {
  World world;
  world.put(t0, from(grant("a", "p", 1), t0 + 2));
  world.put(t0, from(grant("c", "p", 1), t0 + 1));
  world.put(t0, from(grant("b", "p", 1), t0 + 1));
  world.start(t0 + 5, "x", Channel::voice, "p", "d");
  CHECK(holder(world) == "b");
  world.activate(t0 + 5, "x");
  world.deduct(t0 + 5 + minutes(10), "x");
  CHECK(holder(world) == "c");
  world.deduct(t0 + 5 + minutes(20), "x");
  CHECK(holder(world) == "a");
  world.deduct(t0 + 5 + minutes(30), "x");
  CHECK(world.sessions.at("x").end_reason == EndReason::exhausted);
  CHECK(world.earned("d") == 3 * 350'000);
}

TEST_CASE("who may use a subscription, and when") {
  World world;
  Granted shared = grant("s1", "owner", 5);
  shared.members = {"m1", "m2"};
  world.put(t0, shared);
  const Subscription& s = world.subscriptions.at("s1");
  const auto can = [&](const std::string& patient, Instant at) {
    return can_hold(s, {patient, Channel::text, at, at, true});
  };
  CHECK(can("owner", t0));
  CHECK(can("m1", t0));
  CHECK(can("m2", t0));
  CHECK_FALSE(can("m3", t0));
  CHECK_FALSE(can("owner", t0 - 1));
  CHECK(can("owner", t0 + days(30) - 1));
  CHECK_FALSE(can("owner", t0 + days(30)));
  world.patch(t0, "s1", {.enabled = false, .members = {}, .ends_at = {}});
  CHECK_FALSE(can("owner", t0));
}

TEST_CASE("units of one channel do not serve another") {
  World world;
  Granted text_only = grant("s1", "p", 0);
  text_only.units = {1, 0, 0};
  world.put(t0, text_only);
  CHECK(world.start(t0, "x", Channel::voice, "p", "d").refusal == Refusal::no_units);
  CHECK(world.start(t0, "x", Channel::text, "p", "d").created);
}

TEST_CASE("a boundary is judged by its own instant, however late it is noticed") {
  // s2 starts after the first boundary: at 10:00 nobody could give, although at 25:00 somebody can.
  World world = running(Channel::voice, 1);
  world.put(t0, from(grant("s2", "p", 5), t0 + minutes(10) + 1));
  CHECK(world.deduct(t0 + minutes(25), "x").deducted == 1);
  CHECK(world.sessions.at("x").ended_at == t0 + minutes(10));

  World in_time = running(Channel::voice, 1);
  in_time.put(t0, from(grant("s2", "p", 5), t0 + minutes(10)));
  CHECK(in_time.deduct(t0 + minutes(25), "x").deducted == 2);
  CHECK(in_time.sessions.at("x").status == Status::active);
}

TEST_CASE("free, enabled and members count as they stand when the boundary is done") {
  World topped_up = running(Channel::voice, 1);
  topped_up.top_up(t0 + minutes(12), "s1", {0, 3, 0});
  CHECK(topped_up.deduct(t0 + minutes(25), "x").deducted == 2);
  CHECK(topped_up.sessions.at("x").status == Status::active);

  World disabled = running(Channel::voice, 5);
  disabled.patch(t0 + minutes(12), "s1", {.enabled = false, .members = {}, .ends_at = {}});
  CHECK(disabled.deduct(t0 + minutes(25), "x").deducted == 1);
  CHECK(disabled.sessions.at("x").ended_at == t0 + minutes(10));

  World removed;
  Granted shared = grant("s1", "owner", 5);
  shared.members = {"p"};
  removed.put(t0, shared);
  removed.start(t0, "x", Channel::voice, "p", "d");
  removed.activate(t0, "x");
  removed.patch(t0 + 1, "s1", {.enabled = {}, .members = {{"q"}}, .ends_at = {}});
  CHECK(removed.deduct(t0 + minutes(10), "x").deducted == 1);
  CHECK(removed.sessions.at("x").end_reason == EndReason::exhausted);
}

TEST_CASE("a held unit is honoured whatever happens to its subscription") {
  World world = running(Channel::voice, 1);
  world.patch(t0 + 1, "s1", {.enabled = false, .members = {}, .ends_at = t0 + 2});
  CHECK(world.end(t0 + minutes(5), "x").deducted == 1);
  CHECK(world.earned("d") == 350'000);
}

TEST_CASE("a unit given back serves the next session") {
  World world;
  world.put(t0, grant("s1", "p", 1));
  world.start(t0, "x", Channel::voice, "p", "d");
  CHECK(world.start(t0 + 1, "y", Channel::voice, "p", "d").refusal == Refusal::no_units);
  world.end(t0 + 2, "x");
  CHECK(world.start(t0 + 3, "y", Channel::voice, "p", "d").created);
}

TEST_CASE("more boundaries than one question carries are all charged") {
  World world = running(Channel::voice, 1000);
  world.patch(t0, "s1", {.enabled = {}, .members = {}, .ends_at = t0 + days(300)});
  CHECK(world.deduct(t0 + minutes(10) * 700, "x").deducted == 700);
  CHECK(world.sessions.at("x").intervals_processed == 700);
  CHECK(world.subscriptions.at("s1").taken[voice] == 700);
  CHECK(world.subscriptions.at("s1").held[voice] == 1);
  for (const Record& record : world.records) {
    const auto* charged = std::get_if<Charged>(&record.fact);
    if (charged) CHECK(charged->units <= max_boundaries);
  }
}

TEST_CASE("a start that finds the doctor's session exhausted takes his place") {
  World world = running(Channel::voice, 1);
  world.put(t0, grant("s2", "q", 1));
  CHECK(world.start(t0 + minutes(10), "y", Channel::text, "q", "d").created);
  CHECK(world.sessions.at("x").end_reason == EndReason::exhausted);
  CHECK(world.sessions.at("x").units_used == 1);
}

}  // namespace toll::tests
