// docs/RULES.md, "Policy": what an outage costs, and which policy a session follows.
#include <catch2/catch.hpp>

#include "tests/billing/world.hpp"

namespace toll::tests {

namespace {

constexpr Instant nine = t0 + minutes(9);

World with_cap(std::int64_t cap, std::int64_t units = 20) {
  Policy policy;
  policy.downtime.cap = cap;
  return running(Channel::text, units, policy);
}

struct Counts {
  std::int64_t used;
  std::int64_t processed;
  bool operator==(const Counts&) const = default;
};

Counts counts(const World& world) {
  return {world.sessions.at("x").units_used, world.sessions.at("x").intervals_processed};
}

}  // namespace

TEST_CASE("downtime: bill_all charges every boundary inside the outage") {
  World world = with_cap(DowntimePolicy::no_cap);
  CHECK(world.recover(nine, t0 + minutes(45), "x").deducted == 4);
  CHECK(counts(world) == Counts{4, 4});
}

TEST_CASE("downtime: forgive charges none, for good, and leaves the hold where it is") {
  World world = with_cap(0);
  CHECK(world.recover(nine, t0 + minutes(45), "x").deducted == 0);
  CHECK(counts(world) == Counts{0, 4});
  CHECK(world.sessions.at("x").hold == Hold{"s1", ""});
  CHECK(world.subscriptions.at("s1").held == Units{1, 0, 0});
  CHECK(world.earned("d") == 0);
  CHECK(std::get<Forgiven>(world.records[world.records.size() - 2].fact).intervals == 4);
  CHECK(world.deduct(t0 + minutes(49), "x").deducted == 0);
  CHECK(world.deduct(t0 + minutes(50), "x").deducted == 1);
  CHECK(world.end(t0 + minutes(51), "x").deducted == 1);
  CHECK(counts(world) == Counts{2, 5});
}

TEST_CASE("downtime: a cap charges the first N intervals and forgives the rest") {
  World world = with_cap(2);
  CHECK(world.recover(nine, t0 + minutes(45), "x").deducted == 2);
  CHECK(counts(world) == Counts{2, 4});
  CHECK(world.deduct(t0 + minutes(50), "x").deducted == 1);
  CHECK(world.broken_invariant() == "");
}

TEST_CASE("downtime: a cap larger than the outage forgives nothing") {
  World world = with_cap(9);
  CHECK(world.recover(nine, t0 + minutes(45), "x").deducted == 4);
  CHECK(counts(world) == Counts{4, 4});
}

TEST_CASE("downtime: boundaries before the outage are always charged and use up no cap") {
  World forgiving = with_cap(0);
  forgiving.recover(t0 + minutes(25), t0 + minutes(45), "x");
  CHECK(counts(forgiving) == Counts{2, 4});
  World capped = with_cap(1);
  capped.recover(t0 + minutes(25), t0 + minutes(45), "x");
  CHECK(counts(capped) == Counts{3, 4});
  World at_the_boundary = with_cap(0);
  at_the_boundary.recover(t0 + minutes(10), t0 + minutes(25), "x");
  CHECK(counts(at_the_boundary) == Counts{1, 2});
}

TEST_CASE("downtime: a crash during recovery does not end the outage, nor refill the cap") {
  World world = with_cap(2);
  world.begin_outage(nine, t0 + minutes(25));
  world.wake(t0 + minutes(25), "x");
  CHECK(counts(world) == Counts{2, 2});
  world.begin_outage(t0 + minutes(25), t0 + minutes(55));
  world.wake(t0 + minutes(55), "x");
  CHECK(counts(world) == Counts{2, 5});
  for (std::size_t count = 4; count <= world.records.size(); ++count) {
    World restarted = world.after_crash(count);
    if (!restarted.sessions.contains("x")) continue;
    if (restarted.sessions.at("x").status != Status::active) continue;
    restarted.begin_outage(nine, t0 + minutes(55));
    restarted.wake(t0 + minutes(55), "x");
    CHECK(counts(restarted) == Counts{2, 5});
  }
}

TEST_CASE("downtime: a session runs out inside the cap, at that boundary") {
  World world = with_cap(3, 2);
  world.recover(nine, t0 + minutes(45), "x");
  CHECK(world.sessions.at("x").end_reason == EndReason::exhausted);
  CHECK(world.sessions.at("x").ended_at == t0 + minutes(20));
  CHECK(counts(world) == Counts{2, 2});
}

TEST_CASE("downtime: forgiven boundaries need no next unit") {
  World world = with_cap(0, 1);
  world.recover(nine, t0 + minutes(45), "x");
  CHECK(world.sessions.at("x").status == Status::active);
  CHECK(world.end(t0 + minutes(46), "x").deducted == 1);
}

TEST_CASE("downtime: deadlines pass at their instant, outage or not") {
  World world;
  world.put(t0, grant("s1", "p", 1));
  world.start(t0, "x", Channel::voice, "p", "d");
  world.recover(t0 + seconds(10), t0 + minutes(45), "x");
  CHECK(world.sessions.at("x").status == Status::missed);
  CHECK(world.sessions.at("x").ended_at == t0 + seconds(90));
}

TEST_CASE("nothing is forgiven outside an outage, or before what must be charged is") {
  World world = with_cap(1);
  const Moment later = world.moment("x", t0 + minutes(45));
  Outages none;
  none.end(nine);  // none was under way
  CHECK(chargeable(later, none) == 4);
  CHECK_FALSE(forgive(later, none, "timer"));
  Outages outages;
  outages.begin(nine);
  CHECK(chargeable(later, outages) == 1);
  CHECK_FALSE(forgive(later, outages, "timer"));
  CHECK_FALSE(forgive(world.moment("x", nine), outages, "timer"));
  outages.end(t0 + minutes(45));
  CHECK(chargeable(later, outages) == 4);
}

TEST_CASE("a session keeps the policy version that it started with") {
  World world = running(Channel::text, 10);
  Policy dearer;
  dearer.interval_s = 60;
  dearer.rates.at(default_currency) = {1, 2, 3};
  world.policies.add(dearer);
  CHECK(world.sessions.at("x").policy_version == 1);
  CHECK(world.deduct(t0 + minutes(10), "x").deducted == 1);
  CHECK(world.earned("d") == 350'000);
  world.start(t0, "y", Channel::voice, "p", "e");
  world.activate(t0, "y");
  CHECK(world.sessions.at("y").policy_version == 2);
  CHECK(world.end(t0 + minutes(2), "y").deducted == 3);
  CHECK(world.earned("e") == 6);
}

TEST_CASE("the default policy") {
  const Policy policy;
  CHECK(policy.interval_ms() == 600'000);
  CHECK(policy.manual_unit);
  CHECK(policy.min_billable_s == Units{0, 60, 60});
  CHECK(policy.response_window_s == 300);
  CHECK(policy.ring_timeout_s == 90);
  CHECK(policy.waiting_limit_s == 86'400);
  CHECK(policy.expiry == ExpiryPolicy::grandfather);
  CHECK(policy.downtime.cap == DowntimePolicy::no_cap);
  for (const Channel channel : channels) {
    CHECK(policy.rate({{'M', 'W', 'K'}}, channel).amount == 350'000);
    CHECK(policy.rate({{'U', 'S', 'D'}}, channel).amount == 300);
  }
}

}  // namespace toll::tests
