// The accidents of docs/RULES.md, "Accidents that must be impossible", by number.
#include <catch2/catch.hpp>

#include "tests/billing/dies.hpp"
#include "tests/billing/world.hpp"

namespace toll::tests {

namespace {

ChargeQuestion question_of(const World& world, Instant at) {
  const Moment moment = world.moment("x", at);
  return charge_question(moment, chargeable(moment, {}), "timer");
}

std::int64_t used(const World& world) { return world.sessions.at("x").units_used; }

}  // namespace

TEST_CASE("accident 1: end at 10:00 while an automatic deduction is past its status check") {
  const Instant at = t0 + minutes(10);
  World world = running(Channel::text, 10);
  const auto in_flight = charge(world.subscriptions.at("s1"), question_of(world, at));
  REQUIRE(in_flight);
  CHECK(world.end(at, "x").deducted == 2);
  CHECK(world.deduct(at, "x").refusal == Refusal::session_not_active);
  CHECK(used(world) == 2);
  CHECK(world.earned("d") == 700'000);
  CHECK(dies([&] { world.append(at, *in_flight); }));

  World other_way = running(Channel::text, 10);
  CHECK(other_way.deduct(at, "x").deducted == 1);
  CHECK(other_way.end(at, "x").deducted == 1);
  CHECK(used(other_way) == 2);
}

TEST_CASE("accident 2: an end that works on a copy read before the deduction committed") {
  const Instant at = t0 + minutes(10);
  World world = running(Channel::text, 10);
  const Session copy = world.sessions.at("x");
  world.deduct(at, "x");
  // On the copy the boundary is still due, and hanging up over a due boundary is no decision.
  CHECK(dies([&] { hang_up({copy, world.policies.current(), at}, Party::patient, {}, "end"); }));
  // An end decided a moment earlier, on the copy, carries a version that the deduction has used.
  const Ended stale = hang_up({copy, world.policies.current(), at - 1}, Party::patient, {}, "end");
  CHECK(dies([&] { world.append(at, stale); }));
  CHECK(world.end(at, "x").deducted == 1);
  CHECK(used(world) == 2);
}

TEST_CASE("accident 3: ended at 25:00, a later request bills nothing again") {
  World world = running(Channel::text, 10);
  world.deduct(t0 + minutes(10), "x");
  CHECK(world.end(t0 + minutes(25), "x").deducted == 2);
  const std::size_t records = world.records.size();
  for (const std::int64_t later : {25, 30, 35, 600}) {
    CHECK(world.deduct(t0 + minutes(later), "x").refusal == Refusal::session_not_active);
    CHECK(world.wake(t0 + minutes(later), "x").deducted == 0);
    CHECK(world.end(t0 + minutes(later), "x").already_ended);
    CHECK(units_due(world.sessions.at("x"), world.policies.current(), t0 + minutes(later)) == 0);
  }
  CHECK(used(world) == 3);
  CHECK(world.records.size() == records);
}

TEST_CASE("accident 4: the patient ends a text session that the doctor never answered") {
  World world;
  world.put(t0, grant("s1", "p", 1));
  world.start(t0, "x", Channel::text, "p", "d");
  world.message(t0 + seconds(5), "x", Party::patient);
  CHECK(world.end(t0 + minutes(4), "x").deducted == 0);
  CHECK(world.subscriptions.at("s1").free(Channel::text) == 1);
  CHECK(world.earned("d") == 0);
}

TEST_CASE("accident 5: three requests notice at once that three units are used up") {
  World world = running(Channel::video, 3);
  CHECK(world.deduct(t0 + minutes(10), "x").deducted == 1);
  CHECK(world.deduct(t0 + minutes(20), "x").deducted == 1);
  CHECK(world.deduct(t0 + minutes(30), "x").deducted == 1);
  CHECK(world.deduct(t0 + minutes(30), "x").refusal == Refusal::session_not_active);
  CHECK(world.deduct(t0 + minutes(30), "x").refusal == Refusal::session_not_active);
  CHECK(world.earned("d") == 1'050'000);
  CHECK(world.sessions.at("x").end_reason == EndReason::exhausted);
}

TEST_CASE("accident 6: one unit in the older subscription, five in the newer, two due") {
  World world;
  world.put(t0, grant("older", "p", 1));
  Granted newer = grant("newer", "p", 5);
  newer.starts_at = t0 + 1;
  world.put(t0, newer);
  world.start(t0 + 2, "x", Channel::voice, "p", "d");
  world.activate(t0 + 2, "x");
  CHECK(world.deduct(t0 + minutes(20, 1), "x").deducted == 2);
  CHECK(world.sessions.at("x").status == Status::active);
  CHECK(world.subscriptions.at("older").taken[index(Channel::voice)] == 1);
  CHECK(world.subscriptions.at("newer").taken[index(Channel::voice)] == 1);
  CHECK(world.subscriptions.at("newer").held[index(Channel::voice)] == 1);
}

TEST_CASE("accident 7: two members, one unit left on the shared subscription") {
  World world;
  Granted shared = grant("s1", "owner", 1);
  shared.members = {"m1", "m2"};
  world.put(t0, shared);
  CHECK(world.start(t0, "x", Channel::text, "m1", "d1").created);
  CHECK(world.start(t0, "y", Channel::text, "m2", "d2").refusal == Refusal::no_units);
  world.activate(t0, "x");
  world.end(t0 + minutes(1), "x");
  CHECK(world.subscriptions.at("s1").free(Channel::text) == 0);
  CHECK(world.subscriptions.at("s1").taken[index(Channel::text)] == 1);
}

TEST_CASE("accident 8: hung up at 9:00, the patient's late end arrives at 35:00") {
  World world = running(Channel::voice, 10);
  CHECK(world.end(t0 + minutes(9), "x", Party::doctor).deducted == 1);
  const Done late = world.end(t0 + minutes(35), "x", Party::patient);
  CHECK(late.deducted == 0);
  CHECK(late.already_ended);
  CHECK(used(world) == 1);
  CHECK(world.sessions.at("x").ended_at == t0 + minutes(9));
  CHECK(world.sessions.at("x").ended_by == Party::doctor);
}

TEST_CASE("accident 9: the doctor hangs up at 25:00 and the patient's plan pays") {
  World world = running(Channel::voice, 10);
  world.put(t0, grant("doctors-own", "d", 10));
  CHECK(world.end(t0 + minutes(25), "x", Party::doctor).deducted == 3);
  CHECK(world.subscriptions.at("s1").taken[index(Channel::voice)] == 3);
  CHECK(world.subscriptions.at("doctors-own").taken[index(Channel::voice)] == 0);
  CHECK(world.earned("d") == 1'050'000);
}

TEST_CASE("accident 10: whatever prefix survives a crash, counted and charged agree") {
  World world = running(Channel::text, 10);
  world.deduct(t0 + minutes(10), "x");
  world.deduct(t0 + minutes(20), "x");
  for (std::size_t count = 4; count <= world.records.size(); ++count) {
    World restarted = world.after_crash(count);
    const Session& session = restarted.sessions.at("x");
    CHECK(session.intervals_processed == session.units_used);
    CHECK(restarted.earned("d") == session.units_used * 350'000);
    CHECK(restarted.broken_invariant() == "");
    if (session.status == Status::active) restarted.deduct(t0 + minutes(20), "x");
    if (session.status == Status::active) CHECK(used(restarted) == 2);
  }
}

TEST_CASE("accident 11: three intervals due and one unit left") {
  World world = running(Channel::text, 1);
  CHECK(world.deduct(t0 + minutes(30), "x").deducted == 1);
  CHECK(world.earned("d") == 350'000);
  CHECK(world.sessions.at("x").ended_at == t0 + minutes(10));
}

TEST_CASE("accident 12: a call answered again at 12:00 does not restart the meter") {
  World world = running(Channel::voice, 10);
  CHECK_FALSE(world.activate(t0 + minutes(12), "x").refusal);
  CHECK(world.sessions.at("x").activated_at == t0);
  world.end(t0 + minutes(40), "x");
  CHECK(used(world) == 5);
}

TEST_CASE("accident 13: the call server reports at 9:59 that everybody dropped") {
  World world = running(Channel::voice, 10);
  const Done done = world.end(t0 + minutes(9, 59), "x", Party::server);
  CHECK(done.deducted == 1);
  CHECK(done.manual_unit);
}

TEST_CASE("accident 14: the last unit taken by the phone ends the session like the timer") {
  World by_phone = running(Channel::voice, 2);
  World by_timer = running(Channel::voice, 2);
  for (const std::int64_t k : {1, 2}) {
    CHECK(by_phone.deduct(t0 + minutes(10 * k), "x", "phone").deducted == 1);
    by_timer.wake(t0 + minutes(10 * k), "x");
  }
  for (const World* world : {&by_phone, &by_timer}) {
    CHECK(world->sessions.at("x").status == Status::ended);
    CHECK(world->sessions.at("x").end_reason == EndReason::exhausted);
    CHECK(world->sessions.at("x").ended_at == t0 + minutes(20));
    CHECK(used(*world) == 2);
  }
  CHECK(by_phone.activate(t0 + minutes(21), "x").refusal == Refusal::session_over);
}

TEST_CASE("accident 15: two starts at once for one doctor, or one patient") {
  World world;
  world.put(t0, grant("s1", "p", 5));
  world.put(t0, grant("s2", "q", 5));
  CHECK(world.start(t0, "x", Channel::voice, "p", "d").created);
  CHECK(world.start(t0, "y", Channel::text, "q", "d").refusal == Refusal::doctor_busy);
  CHECK(world.start(t0, "z", Channel::video, "p", "e").refusal == Refusal::patient_busy);
  CHECK(world.start(t0, "z", Channel::video, "p", "d").refusal == Refusal::patient_busy);
  CHECK(world.start(t0, "t", Channel::text, "p", "e").created);
  CHECK(world.sessions.size() == 2);
  CHECK(world.subscriptions.at("s1").held == Units{1, 1, 0});
}

TEST_CASE("accident 16: server down from 9:00 to 25:00 with one unit left") {
  World world = running(Channel::voice, 1);
  world.recover(t0 + minutes(9), t0 + minutes(25), "x");
  CHECK(used(world) == 1);
  CHECK(world.earned("d") == 350'000);
  CHECK(world.sessions.at("x").ended_at == t0 + minutes(10));
  CHECK(world.sessions.at("x").end_reason == EndReason::exhausted);
}

}  // namespace toll::tests
