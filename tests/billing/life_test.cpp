// docs/RULES.md, "Life of a session".
#include <catch2/catch.hpp>

#include "tests/billing/dies.hpp"
#include "tests/billing/world.hpp"

namespace toll::tests {

namespace {

World waiting(Channel channel) {
  World world;
  world.put(t0, grant("s1", "p", 5));
  world.start(t0, "x", channel, "p", "d");
  return world;
}

}  // namespace

TEST_CASE("a session starts by holding one unit and does not start without one") {
  World world;
  CHECK(world.start(t0, "x", Channel::text, "p", "d").refusal == Refusal::no_units);
  CHECK(world.doctors.empty());
  world.put(t0, grant("s1", "p", 1));
  CHECK(world.start(t0, "x", Channel::text, "p", "d").created);
  const Session& session = world.sessions.at("x");
  CHECK(session.status == Status::waiting);
  CHECK(session.hold == Hold{"s1", ""});
  CHECK(session.created_at == t0);
  CHECK(session.currency == default_currency);
  CHECK(world.subscriptions.at("s1").held == Units{1, 0, 0});
  CHECK(world.subscriptions.at("s1").free(Channel::text) == 0);
}

TEST_CASE("the response deadline starts at the patient's first message only") {
  World world = waiting(Channel::text);
  CHECK(waiting_deadline(world.sessions.at("x"), world.policies.current()) == t0 + days(1));
  world.message(t0 + minutes(1), "x", Party::patient);
  world.message(t0 + minutes(2), "x", Party::patient);
  CHECK(world.sessions.at("x").response_deadline == t0 + minutes(6));
  CHECK(next_wake(world.sessions.at("x"), world.policies.current()) == t0 + minutes(6));
}

TEST_CASE("a deadline is passed when now >= deadline, and the first to notice applies it") {
  World just_in_time = waiting(Channel::text);
  just_in_time.message(t0, "x", Party::patient);
  World too_late = just_in_time;
  CHECK_FALSE(just_in_time.message(t0 + minutes(5) - 1, "x", Party::doctor).refusal);
  CHECK(just_in_time.sessions.at("x").activated_at == t0 + minutes(5) - 1);
  CHECK(too_late.message(t0 + minutes(5), "x", Party::doctor).refusal == Refusal::session_over);
  CHECK(too_late.sessions.at("x").status == Status::expired);
  CHECK(too_late.sessions.at("x").ended_at == t0 + minutes(5));
}

TEST_CASE("an end that meets a passed deadline ended it, at the deadline") {
  World world = waiting(Channel::voice);
  const Done done = world.end(t0 + minutes(5), "x", Party::patient);
  CHECK(done.deducted == 0);
  CHECK_FALSE(done.manual_unit);
  CHECK_FALSE(done.already_ended);
  CHECK(world.sessions.at("x").status == Status::missed);
  CHECK(world.sessions.at("x").ended_at == t0 + seconds(90));
  CHECK(world.sessions.at("x").ended_by == Party::server);
  CHECK(world.end(t0 + minutes(5), "x").already_ended);
}

TEST_CASE("answer and ring timeout race: exactly one wins") {
  World answered = waiting(Channel::voice);
  World missed = answered;
  CHECK_FALSE(answered.activate(t0 + seconds(90) - 1, "x").refusal);
  CHECK(answered.wake(t0 + seconds(90), "x").deducted == 0);
  CHECK(answered.sessions.at("x").status == Status::active);
  missed.wake(t0 + seconds(90), "x");
  CHECK(missed.activate(t0 + seconds(90), "x").refusal == Refusal::session_over);
  CHECK(missed.sessions.at("x").status == Status::missed);
}

TEST_CASE("a text without a patient's message expires at the waiting limit") {
  World world = waiting(Channel::text);
  world.wake(t0 + days(1) - 1, "x");
  CHECK(world.sessions.at("x").status == Status::waiting);
  world.wake(t0 + days(1), "x");
  CHECK(world.sessions.at("x").status == Status::expired);
  CHECK(world.sessions.at("x").ended_at == t0 + days(1));
}

TEST_CASE("activated_at and ended_at are written once") {
  World world = waiting(Channel::text);
  world.message(t0 + 5, "x", Party::doctor);
  world.message(t0 + 9, "x", Party::doctor);
  world.activate(t0 + 10, "x");
  CHECK(world.sessions.at("x").activated_at == t0 + 5);
  world.end(t0 + minutes(1), "x");
  world.end(t0 + minutes(2), "x");
  CHECK(world.sessions.at("x").ended_at == t0 + minutes(1));
}

TEST_CASE("requests with nothing to do, and refused ones, write nothing") {
  World world = running(Channel::text, 5);
  const std::size_t records = world.records.size();
  world.deduct(t0 + minutes(9, 59), "x");
  world.message(t0 + minutes(1), "x", Party::patient);
  world.message(t0 + minutes(1), "x", Party::doctor);
  world.activate(t0 + minutes(1), "x");
  world.start(t0, "x", Channel::text, "p", "d");
  CHECK(world.start(t0, "x", Channel::voice, "p", "d").refusal == Refusal::session_exists);
  CHECK(world.start(t0, "x", Channel::text, "p", "d", "ref").refusal == Refusal::session_exists);
  CHECK(world.start(t0, "x", Channel::text, "q", "d").refusal == Refusal::session_exists);
  CHECK(world.start(t0, "x", Channel::text, "p", "e").refusal == Refusal::session_exists);
  CHECK(world.start(t0, "y", Channel::text, "p", "e").refusal == Refusal::patient_busy);
  CHECK(world.records.size() == records);
}

TEST_CASE("a start settles the busy parties first and then gets in") {
  World world = waiting(Channel::voice);
  world.put(t0, grant("s2", "q", 5));
  CHECK(world.start(t0 + seconds(90), "y", Channel::video, "q", "d").created);
  CHECK(world.sessions.at("x").status == Status::missed);
}

TEST_CASE("a session never deals with an instant before its last one") {
  World world = running(Channel::text, 5);
  world.deduct(t0 + minutes(10), "x");
  CHECK(world.moment("x", t0).at == t0 + minutes(10));
  CHECK(dies([&] {
    const Moment back{world.sessions.at("x"), world.policies.current(), t0 + minutes(9)};
    hang_up(back, Party::patient, {}, "end");
  }));
}

TEST_CASE("next boundary and due units as the API shows them") {
  World world = running(Channel::text, 5);
  const Policy& policy = world.policies.current();
  const Session& session = world.sessions.at("x");
  CHECK(next_deduction_at(session, policy) == t0 + minutes(10));
  CHECK(units_due(session, policy, t0 + minutes(10) - 1) == 0);
  CHECK(units_due(session, policy, t0 + minutes(25)) == 2);
  world.deduct(t0 + minutes(25), "x");
  CHECK(units_due(session, policy, t0 + minutes(25)) == 0);
  CHECK(next_deduction_at(session, policy) == t0 + minutes(30));
  CHECK(completed_intervals(session, policy, t0 + minutes(25)) == 2);
  world.end(t0 + minutes(29), "x");
  CHECK_FALSE(next_deduction_at(session, policy));
  CHECK_FALSE(next_wake(session, policy));
  CHECK(completed_intervals(session, policy, t0 + days(9)) == 2);
  Session over = session;
  over.intervals_processed = 0;
  CHECK(units_due(over, policy, t0 + days(9)) == 0);
}

}  // namespace toll::tests
