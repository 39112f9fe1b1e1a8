// Every row of the tables in docs/RULES.md, "What is due".
#include <catch2/catch.hpp>

#include "tests/billing/world.hpp"

namespace toll::tests {

namespace {

struct Row {
  Instant elapsed;
  std::int64_t text;
  std::int64_t call;
};

const Row rows[] = {
    {0, 1, 0},
    {seconds(59) + 999, 1, 0},
    {minutes(1), 1, 1},
    {minutes(9, 59) + 999, 1, 1},
    {minutes(10), 2, 2},
    {minutes(19, 59) + 999, 2, 2},
    {minutes(20), 3, 3},
    {minutes(25), 3, 3},
    {minutes(29, 59), 3, 3},
    {minutes(60), 7, 7},
};

enum class Noticed { only_at_the_end, by_timers_in_time, by_polls };

/// Runs a session of length `elapsed` and checks all that its end says.
void check_total(Channel channel, Instant elapsed, std::int64_t total, Noticed noticed) {
  CAPTURE(name(channel), elapsed, total, static_cast<int>(noticed));
  World world = running(channel, 20);
  std::int64_t deducted = 0;
  for (Instant t = 0; t <= elapsed; t += seconds(60)) {
    if (noticed == Noticed::by_polls) deducted += world.deduct(t0 + t, "x").deducted;
    if (noticed == Noticed::by_timers_in_time && t > 0 && t % minutes(10) == 0) {
      deducted += world.wake(t0 + t, "x").deducted;
    }
  }
  const Done done = world.end(t0 + elapsed, "x");
  const Session& session = world.sessions.at("x");
  const std::int64_t completed = elapsed / minutes(10);
  CHECK(deducted + done.deducted == total);
  CHECK(done.manual_unit == (total == completed + 1));
  CHECK_FALSE(done.already_ended);
  CHECK(session.units_used == total);
  CHECK(session.intervals_processed == completed);
  CHECK(session.manual_applied == done.manual_unit);
  CHECK(session.ended_at == t0 + elapsed);
  CHECK(world.subscriptions.at("s1").free(channel) == 20 - total);
  CHECK(world.earned("d") == total * 350'000);
  CHECK(world.broken_invariant() == "");
}

}  // namespace

TEST_CASE("lifetime totals by elapsed time, text and calls, whoever noticed the boundaries") {
  for (const Row& row : rows) {
    for (const auto noticed :
         {Noticed::only_at_the_end, Noticed::by_timers_in_time, Noticed::by_polls}) {
      check_total(Channel::text, row.elapsed, row.text, noticed);
      check_total(Channel::voice, row.elapsed, row.call, noticed);
      check_total(Channel::video, row.elapsed, row.call, noticed);
    }
  }
}

TEST_CASE("never activated: nothing is due on any channel") {
  for (const Channel channel : channels) {
    World world;
    world.put(t0, grant("s1", "p", 2));
    world.start(t0, "x", channel, "p", "d");
    const Done done = world.end(t0 + seconds(30), "x");
    CHECK(done.deducted == 0);
    CHECK_FALSE(done.manual_unit);
    CHECK(world.sessions.at("x").units_used == 0);
    CHECK(world.subscriptions.at("s1").free(channel) == 2);
    CHECK(world.earned("d") == 0);
  }
}

TEST_CASE("the founding bug: a 25-minute call with two units deducted is charged one more") {
  World world = running(Channel::voice, 10);
  CHECK(world.deduct(t0 + minutes(10), "x").deducted == 1);
  CHECK(world.deduct(t0 + minutes(20), "x").deducted == 1);
  const Done end = world.end(t0 + minutes(25), "x");
  CHECK(end.deducted == 1);
  CHECK(end.manual_unit);
  CHECK(world.sessions.at("x").units_used == 3);
  CHECK(world.earned("d") == 1'050'000);
  const Done again = world.end(t0 + minutes(26), "x");
  CHECK(again.deducted == 0);
  CHECK(again.already_ended);
}

TEST_CASE(
    "how it ended: hang-up by anybody, and a decline after the answer, take one manual unit") {
  for (const Party by : {Party::patient, Party::doctor, Party::server}) {
    World world = running(Channel::video, 10);
    const Done done = world.end(t0 + minutes(12), "x", by);
    CHECK(done.deducted == 2);
    CHECK(done.manual_unit);
    const Session& session = world.sessions.at("x");
    CHECK(session.status == Status::ended);
    CHECK(session.end_reason == EndReason::hangup);
    CHECK(session.ended_by == by);
  }
}

TEST_CASE("how it ended: ended while waiting, cancelled or declined unanswered costs nothing") {
  for (const Channel channel : channels) {
    for (const Party by : {Party::patient, Party::doctor, Party::server}) {
      World world;
      world.put(t0, grant("s1", "p", 1));
      world.start(t0, "x", channel, "p", "d");
      CHECK(world.end(t0 + seconds(10), "x", by).deducted == 0);
      const Session& session = world.sessions.at("x");
      CHECK(session.status == Status::ended);
      CHECK(session.end_reason == EndReason::cancelled);
      CHECK(session.ended_by == by);
      CHECK(session.ended_at == t0 + seconds(10));
      CHECK_FALSE(session.activated_at);
      CHECK(world.subscriptions.at("s1").free(channel) == 1);
    }
  }
}

TEST_CASE("how it ended: expired and missed cost nothing") {
  for (const Channel channel : channels) {
    World world;
    world.put(t0, grant("s1", "p", 1));
    world.start(t0, "x", channel, "p", "d");
    world.wake(t0 + days(2), "x");
    const Session& session = world.sessions.at("x");
    const bool text = channel == Channel::text;
    CHECK(session.status == (text ? Status::expired : Status::missed));
    CHECK(session.end_reason == (text ? EndReason::expired : EndReason::missed));
    CHECK(session.ended_by == Party::server);
    CHECK(session.ended_at == t0 + (text ? days(1) : seconds(90)));
    CHECK(session.units_used == 0);
    CHECK(world.subscriptions.at("s1").free(channel) == 1);
  }
}

TEST_CASE("how it ended: exhausted takes up to the boundary and no manual unit") {
  World world = running(Channel::voice, 2);
  const Done done = world.end(t0 + minutes(25), "x");
  CHECK(done.deducted == 2);
  CHECK_FALSE(done.manual_unit);
  CHECK_FALSE(done.already_ended);
  const Session& session = world.sessions.at("x");
  CHECK(session.end_reason == EndReason::exhausted);
  CHECK(session.ended_by == Party::server);
  CHECK(session.ended_at == t0 + minutes(20));
  CHECK(session.intervals_processed == 2);
  CHECK_FALSE(session.manual_applied);
  CHECK_FALSE(session.reason);
}

TEST_CASE("a waived manual unit leaves completed intervals due and the unit free") {
  Policy policy;
  policy.min_billable_s = {0, 900, 900};
  World world = running(Channel::voice, 5, policy);
  const Done done = world.end(t0 + minutes(12), "x");
  CHECK(done.deducted == 1);
  CHECK_FALSE(done.manual_unit);
  CHECK(world.subscriptions.at("s1").free(Channel::voice) == 4);

  Policy no_manual;
  no_manual.manual_unit = false;
  World other = running(Channel::text, 5, no_manual);
  CHECK(other.end(t0 + minutes(12), "x").deducted == 1);
  CHECK(other.subscriptions.at("s1").free(Channel::text) == 4);
}

TEST_CASE("several boundaries of one giver are one record of several units") {
  World world = running(Channel::text, 10);
  const std::size_t before = world.records.size();
  CHECK(world.deduct(t0 + minutes(35), "x").deducted == 3);
  REQUIRE(world.records.size() == before + 1);
  CHECK(std::get<Charged>(world.records.back().fact).units == 3);
  CHECK(std::get<Charged>(world.records.back().fact).pay.amount == 1'050'000);
}

}  // namespace toll::tests
