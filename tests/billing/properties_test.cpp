// Random command sequences: the rules equal the naive model, and the invariants hold after each.
#include <rapidcheck.h>

#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/billing/compare.hpp"

namespace toll::tests {

namespace {

using Steps = std::vector<Step>;
const auto any_setup = rc::gen::inRange(0U, Pair::setups);

/// Carries out the steps on both and compares them after each.
void same_as_model(const Steps& steps, unsigned setup) {
  Pair pair{setup};
  for (const Step& step : steps) {
    const std::string difference = pair.play(step);
    if (!difference.empty()) RC_FAIL(difference);
    const std::string broken = pair.world.broken_invariant();
    if (!broken.empty()) RC_FAIL(broken);
  }
}

}  // namespace

TEST_CASE("property: random command sequences equal the model, invariants hold at each step") {
  CHECK(rc::check([](const Steps& steps) { same_as_model(steps, *any_setup); }));
}

TEST_CASE("property: long sequences equal the model") {
  for (unsigned round = 0; round < 12; ++round) {
    REQUIRE(rc::check([] {
      const auto steps =
          *rc::gen::container<Steps>(250, rc::gen::resize(100, rc::gen::arbitrary<Step>()));
      same_as_model(steps, *any_setup);
    }));
  }
}

TEST_CASE("property: every prefix of a journal is a consistent state") {
  CHECK(rc::check([](const Steps& steps) {
    Pair pair{*any_setup};
    for (const Step& step : steps) pair.play(step);
    const World& world = pair.world;
    const std::size_t count = *rc::gen::inRange<std::size_t>(0, world.records.size() + 1);
    RC_ASSERT(world.after_crash(count).broken_invariant() == "");
    const World all = world.after_crash(world.records.size());
    RC_ASSERT(all.sessions == world.sessions);
    RC_ASSERT(all.subscriptions == world.subscriptions);
    RC_ASSERT(all.doctors == world.doctors);
    RC_ASSERT(all.outages == world.outages);
  }));
}

TEST_CASE("property: B units never buy more than B intervals, nor cost more than B") {
  CHECK(rc::check([] {
    const auto units = *rc::gen::inRange<std::int64_t>(1, 12);
    const auto calls =
        *rc::gen::container<std::vector<Instant>>(rc::gen::inRange<Instant>(0, minutes(200)));
    World world = running(Channel::voice, units);
    for (const Instant t : calls) world.deduct(t0 + t, "x");
    world.end(t0 + *rc::gen::inRange<Instant>(0, minutes(200)), "x");
    const Session& session = world.sessions.at("x");
    RC_ASSERT(session.units_used <= units);
    RC_ASSERT(*session.ended_at - t0 <= units * minutes(10));
    RC_ASSERT(world.earned("d") == session.units_used * 350'000);
  }));
}

TEST_CASE("property: the order and number of duplicates at one instant changes no total") {
  CHECK(rc::check([] {
    const auto units = *rc::gen::inRange<std::int64_t>(1, 9);
    const auto at = t0 + *rc::gen::inRange<Instant>(0, minutes(70));
    auto noticers = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 3));
    const auto total = [&](const std::vector<int>& order) {
      World world = running(Channel::video, units);
      std::int64_t deducted = 0;
      for (const int who : order) {
        if (who == 0) deducted += world.deduct(at, "x").deducted;
        if (who == 1) deducted += world.wake(at, "x").deducted;
        if (who == 2) deducted += world.activate(at, "x").deducted;
      }
      deducted += world.end(at, "x").deducted;
      RC_ASSERT(world.activate(at, "x").refusal == Refusal::session_over);
      if (order.empty()) RC_ASSERT(deducted == world.sessions.at("x").units_used);
      return world.sessions.at("x").units_used;
    };
    const std::int64_t first = total(noticers);
    std::reverse(noticers.begin(), noticers.end());
    RC_ASSERT(total(noticers) == first);
    RC_ASSERT(total({}) == first);
  }));
}

TEST_CASE("property: two sessions never spend one unit") {
  CHECK(rc::check([] {
    const auto units = *rc::gen::inRange<std::int64_t>(0, 8);
    World world;
    Granted shared = grant("s1", "owner", units);
    for (int i = 0; i < 10; ++i) shared.members.push_back("m" + std::to_string(i));
    world.put(t0, shared);
    std::int64_t started = 0;
    for (int i = 0; i < 10; ++i) {
      const std::string n = std::to_string(i);
      started += world.start(t0, "x" + n, Channel::voice, "m" + n, "d" + n).created;
      world.activate(t0, "x" + n);
    }
    RC_ASSERT(started == std::min<std::int64_t>(units, 10));
    const auto order = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 10));
    for (const int i : order) world.deduct(t0 + minutes(25), "x" + std::to_string(i));
    for (int i = 0; i < 10; ++i) world.end(t0 + minutes(25), "x" + std::to_string(i));
    RC_ASSERT(world.subscriptions.at("s1").taken[index(Channel::voice)] <= units);
    RC_ASSERT(world.broken_invariant() == "");
  }));
}

}  // namespace toll::tests
