// docs/RULES.md, "Where units come from": expiry during a session, rollover, moved ends.
#include <catch2/catch.hpp>

#include "tests/billing/world.hpp"

namespace toll::tests {

namespace {

/// "s1" ends 15 minutes after t0; session "x" of "p" was created and answered at t0.
World short_plan(ExpiryPolicy expiry, std::int32_t rollover_days = 0, Instant starts_at = t0) {
  Policy policy;
  policy.expiry = expiry;
  World world{policy};
  Granted fact = grant("s1", "p", 10);
  fact.starts_at = starts_at;
  fact.ends_at = t0 + minutes(15);
  fact.rollover_days = rollover_days;
  world.put(t0, fact);
  world.start(t0, "x", Channel::text, "p", "d");
  world.activate(t0, "x");
  return world;
}

Change ends(Instant at) { return {.enabled = {}, .members = {}, .ends_at = at}; }

}  // namespace

TEST_CASE("grandfather waives the end of what ran when the session was created") {
  World world = short_plan(ExpiryPolicy::grandfather);
  CHECK(world.deduct(t0 + minutes(45), "x").deducted == 4);
  CHECK(world.sessions.at("x").status == Status::active);
}

TEST_CASE("strict ends the session at the first boundary after the end") {
  World world = short_plan(ExpiryPolicy::strict);
  CHECK(world.deduct(t0 + minutes(45), "x").deducted == 2);
  CHECK(world.sessions.at("x").ended_at == t0 + minutes(20));
  CHECK(world.sessions.at("x").end_reason == EndReason::exhausted);
}

TEST_CASE("grandfather covers a subscription that had no free unit at the start") {
  World world = short_plan(ExpiryPolicy::grandfather);
  Granted spent = grant("s0", "p", 0);
  spent.ends_at = t0 + minutes(5);
  world.put(t0, spent);
  world.top_up(t0 + minutes(20), "s0", {1, 0, 0});
  world.deduct(t0 + minutes(20), "x");
  CHECK(world.subscriptions.at("s0").taken[0] == 1);
}

TEST_CASE("grandfather waives nothing else: not enabled, not begun, not a member") {
  World disabled = short_plan(ExpiryPolicy::grandfather);
  disabled.patch(t0, "s1", {.enabled = false, .members = {}, .ends_at = {}});
  CHECK(disabled.deduct(t0 + minutes(30), "x").deducted == 1);

  World world = short_plan(ExpiryPolicy::strict);
  const Subscription& s1 = world.subscriptions.at("s1");
  const Instant late = t0 + minutes(20);
  CHECK(eligible(s1, {"p", Channel::text, late, t0, true}));
  CHECK_FALSE(eligible(s1, {"p", Channel::text, late, t0, false}));
  CHECK_FALSE(eligible(s1, {"q", Channel::text, late, t0, true}));
  CHECK_FALSE(eligible(s1, {"p", Channel::text, late, t0 - 1, true}));
  CHECK_FALSE(eligible(s1, {"p", Channel::text, late, t0 + minutes(15), true}));
  CHECK(eligible(s1, {"p", Channel::text, late, t0 + minutes(15) - 1, true}));
}

TEST_CASE("subscriptions added during the session count in both, up to their end") {
  for (const auto expiry : {ExpiryPolicy::grandfather, ExpiryPolicy::strict}) {
    World world{[&] {
      Policy policy;
      policy.expiry = expiry;
      return policy;
    }()};
    world.put(t0, grant("s1", "p", 1));
    world.start(t0, "x", Channel::text, "p", "d");
    world.activate(t0, "x");
    Granted added = grant("s2", "p", 9);
    added.starts_at = t0 + minutes(5);
    added.ends_at = t0 + minutes(25);
    world.put(t0 + minutes(5), added);
    CHECK(world.deduct(t0 + minutes(60), "x").deducted == 3);
    CHECK(world.sessions.at("x").ended_at == t0 + minutes(30));
    CHECK(world.subscriptions.at("s2").taken[0] == 2);
  }
}

TEST_CASE("rollover extends the end once, without a gap") {
  World world = short_plan(ExpiryPolicy::strict, 1);
  const Subscription& s1 = world.subscriptions.at("s1");
  const Instant end = t0 + minutes(15);
  CHECK(shown_end(s1, end - 1) == end);
  CHECK(shown_end(s1, end) == end + days(1));
  CHECK(shown_end(s1, end + days(1)) == end + days(1));
  const auto usable = [&](Instant at) { return eligible(s1, {"p", Channel::text, at, at, true}); };
  CHECK(usable(end - 1));
  CHECK(usable(end));
  CHECK(usable(end + days(1) - 1));
  CHECK_FALSE(usable(end + days(1)));
}

TEST_CASE("grandfather counts the rollover in") {
  World world = short_plan(ExpiryPolicy::grandfather, 1);
  const Subscription& s1 = world.subscriptions.at("s1");
  const Instant end = t0 + minutes(15) + days(1);
  CHECK(eligible(s1, {"p", Channel::text, end + days(5), end - 1, true}));
  CHECK_FALSE(eligible(s1, {"p", Channel::text, end + days(5), end, true}));
}

TEST_CASE("an end that is given is the end, before the rollover and after it") {
  for (const Instant at : {t0 + minutes(1), t0 + minutes(16)}) {
    World world = short_plan(ExpiryPolicy::strict, 1);
    world.patch(at, "s1", ends(t0 + minutes(30)));
    CHECK(effective_end(world.subscriptions.at("s1")) == t0 + minutes(30));
    CHECK(shown_end(world.subscriptions.at("s1"), t0 + days(9)) == t0 + minutes(30));
  }
}

TEST_CASE("the same end twice is one change, whatever the rollover has done meanwhile") {
  const Instant end = t0 + minutes(15);
  for (const Instant wanted : {end, end + days(1), t0 + 1, t0 + days(9)}) {
    for (const Instant at : {t0 + minutes(1), end, end + days(2)}) {
      World world = short_plan(ExpiryPolicy::strict, 1);
      world.patch(at, "s1", ends(wanted));
      const std::size_t records = world.records.size();
      const Subscription before = world.subscriptions.at("s1");
      for (const Instant again : {at, end + 1, end + days(3), t0 + days(20)}) {
        world.patch(std::max(at, again), "s1", ends(wanted));
      }
      CHECK(world.records.size() == records);
      CHECK(world.subscriptions.at("s1") == before);
      CHECK(shown_end(before, at) == wanted);
    }
  }
}

TEST_CASE(
    "after the rollover, ends_at is what it shows: to that one no change, to the old one yes") {
  World world = short_plan(ExpiryPolicy::strict, 1);
  const std::size_t records = world.records.size();
  const Instant end = t0 + minutes(15);
  world.patch(end, "s1", ends(end + days(1)));
  CHECK(world.records.size() == records);
  world.patch(end, "s1", ends(end));
  CHECK(world.records.size() == records + 1);
  CHECK(shown_end(world.subscriptions.at("s1"), end) == end);
}

TEST_CASE(
    "a record of the first edition is folded as it was: an end before the rollover is extended") {
  const auto folded = [](Instant at) {
    World world = short_plan(ExpiryPolicy::strict, 1);
    world.append(at, Changed{"s1", 2, {}, {}, t0 + minutes(30), {}});
    CHECK(world.subscriptions.at("s1").earlier_ends.empty());
    return effective_end(world.subscriptions.at("s1"));
  };
  CHECK(folded(t0 + minutes(1)) == t0 + minutes(30) + days(1));
  CHECK(folded(t0 + minutes(16)) == t0 + minutes(30));
}

TEST_CASE("grandfather looks at the end that was in force when the session was created") {
  World shortened = short_plan(ExpiryPolicy::grandfather, 0, t0 - days(1));
  shortened.patch(t0, "s1", ends(t0 - minutes(5)));  // at the instant of its creation, and later
  CHECK(shortened.deduct(t0 + minutes(45), "x").deducted == 4);
  shortened.patch(t0 + minutes(46), "s1", ends(t0 - minutes(9)));  // while it lives
  CHECK(shortened.deduct(t0 + minutes(65), "x").deducted == 2);

  // One that had not begun to run, or was over, when the session was created is not waived by a
  // change that comes later.
  World revived = short_plan(ExpiryPolicy::grandfather);
  Granted over = grant("s0", "p", 10);
  over.starts_at = t0 - days(2);
  over.ends_at = t0 - days(1);
  revived.put(t0, over);
  revived.patch(t0 + minutes(5), "s0", ends(t0 + minutes(25)));
  revived.deduct(t0 + minutes(45), "x");
  CHECK(revived.subscriptions.at("s0").taken[0] == 2);
  CHECK(revived.subscriptions.at("s1").taken[0] == 2);
}

TEST_CASE("of a creation and a change at one instant the journal says which came first") {
  World world = short_plan(ExpiryPolicy::grandfather);
  world.patch(t0, "s1", ends(t0 + minutes(1)));
  const Subscription& s1 = world.subscriptions.at("s1");
  const Seq changed_by = world.records.back().seq;
  const Instant late = t0 + minutes(20);
  CHECK(eligible(s1, {"p", Channel::text, late, t0 + minutes(14), true, changed_by - 1}));
  CHECK_FALSE(eligible(s1, {"p", Channel::text, late, t0 + minutes(14), true, changed_by + 1}));
  CHECK(eligible(s1, {"p", Channel::text, late, t0, true, changed_by + 1}));
}

TEST_CASE("an earlier end is kept while a session that is older than its change lives") {
  World world = short_plan(ExpiryPolicy::grandfather);
  const auto kept = [&] { return world.subscriptions.at("s1").earlier_ends.size(); };
  world.patch(t0 + minutes(5), "s1", ends(t0 + days(5)));
  world.patch(t0 + minutes(6), "s1", ends(t0 + days(6)));
  CHECK(kept() == 2);
  world.end(t0 + minutes(7), "x");
  world.patch(t0 + minutes(8), "s1", ends(t0 + days(7)));
  CHECK(kept() == 1);
}

TEST_CASE("an end moved later lets the subscription give again") {
  World world = short_plan(ExpiryPolicy::strict);
  world.patch(t0 + minutes(16), "s1", ends(t0 + minutes(35)));
  CHECK(world.deduct(t0 + minutes(60), "x").deducted == 4);
  CHECK(world.sessions.at("x").ended_at == t0 + minutes(40));
}

TEST_CASE("an expired subscription starts no session") {
  for (const auto expiry : {ExpiryPolicy::grandfather, ExpiryPolicy::strict}) {
    World world = short_plan(expiry);
    world.end(t0 + minutes(1), "x");
    const Done last = world.start(t0 + minutes(15) - 1, "y", Channel::text, "p", "d");
    CHECK(last.created);
    world.end(t0 + minutes(15) - 1, "y");
    const Done late = world.start(t0 + minutes(15), "z", Channel::text, "p", "d");
    CHECK(late.refusal == Refusal::no_units);
  }
}

}  // namespace toll::tests
