// The second books (billing/invariants.hpp): they agree with every honest journal, and object to
// every way of cooking one.
#include <rapidcheck.h>

#include <catch2/catch.hpp>

#include "billing/invariants.hpp"
#include "tests/billing/compare.hpp"
#include "tests/billing/objection.hpp"

namespace toll::tests {

namespace {

/// Three units taken: one deduction of two, one manual unit; another session still live.
World busy_morning() {
  World world = running(Channel::voice, 10);
  world.deduct(t0 + minutes(20), "x");
  world.start(t0 + minutes(21), "y", Channel::text, "p", "e");
  world.end(t0 + minutes(25), "x");
  return world;
}

template <class T, class Cook>
std::string objects(Cook cook) {
  return objection_to_record<T>(busy_morning(), cook);
}

template <class Cook>
std::string objects_to_entities(Cook cook) {
  return objection_to_entities(busy_morning(), cook);
}

}  // namespace

TEST_CASE("property: the books agree with every journal that the rules make") {
  CHECK(rc::check([] {
    Pair pair{*rc::gen::inRange(0U, Pair::setups)};
    for (const Step& step :
         *rc::gen::container<std::vector<Step>>(150, rc::gen::arbitrary<Step>())) {
      pair.play(step);
    }
    const World& world = pair.world;
    RC_ASSERT(objection(world.policies, world.records, world) == "");
  }));
}

TEST_CASE("the books agree with an honest morning") {
  const World world = busy_morning();
  CHECK(objection(world.policies, world.records, world) == "");
}

TEST_CASE("the books object to a cooked deduction") {
  CHECK(objects<Charged>([](Charged& f) { f.version += 1; }) == "entity x: not its next version");
  CHECK(objects<Charged>([](Charged& f) { f.first_interval = 2; }) ==
        "an interval twice, or left out");
  CHECK(objects<Charged>([](Charged& f) { f.units = 1; }) == "the pay is not units x rate");
  CHECK(objects<Charged>([](Charged& f) { f.units = 0; }) == "a deduction of nothing");
  CHECK(objects<Charged>([](Charged& f) { f.pay.amount += 1; }) == "the pay is not units x rate");
  CHECK(objects<Charged>([](Charged& f) {
          f.pay.currency = {{'U', 'S', 'D'}};
        }) == "the pay is not units x rate");
  CHECK(objects<Charged>([](Charged& f) { f.taken.subscription = "s2"; }) ==
        "the unit is not the one that was held");
  CHECK(objects<Charged>([](Charged& f) { f.hold.subscription = "s2"; }) ==
        "subscription s2: is not known");
  CHECK(objects<Charged>([](Charged& f) { f.doctor = "e"; }) == "not the session's doctor");
  CHECK(objects<Charged>([](Charged& f) { f.channel = Channel::video; }) ==
        "not the session's channel");
  CHECK(objects<Charged>([](Charged& f) { f.session = "z"; }) == "unknown z: no record made it");
}

TEST_CASE("the books object to a cooked end") {
  CHECK(objects<Ended>([](Ended& f) { f.units = 0; }) == "the pay is not units x rate");
  CHECK(objects<Ended>([](Ended& f) { f.units = 2; }) == "an end takes one unit or none");
  CHECK(objects<Ended>([](Ended& f) { f.interval = 1; }) == "an interval twice, or left out");
  CHECK(objects<Ended>([](Ended& f) { f.hold.subscription = "s2"; }) ==
        "the unit is not the one that was held");
  CHECK(objects<Ended>([](Ended& f) { f.pay.amount = 0; }) == "the pay is not units x rate");
  CHECK(objects<Ended>([](Ended& f) { f.session = "y"; }) == "entity y: not its next version");
}

TEST_CASE("the books object to a cooked beginning") {
  CHECK(objects<Created>([](Created& f) { f.version = 2; }) ==
        "a creation is the first record of a session");
  CHECK(objects<Created>([](Created& f) { f.session = "x"; }) == "created twice");
  CHECK(objects<Created>([](Created& f) { f.hold.subscription = "s2"; }) ==
        "subscription s2: is not known");
  CHECK(objects<Created>([](Created& f) { f.policy_version = 2; }) ==
        "a policy that has no such rate");
  CHECK(objects<Created>([](Created& f) {
          f.currency = {{'U', 'S', 'D'}};
        }) == "not the doctor's currency");
  CHECK(objects<Granted>([](Granted& f) {
          f.units = {0, 2, 0};
        }) == "subscription s1: a unit that was not there");
  CHECK(objects<Granted>([](Granted& f) { f.version = 2; }) ==
        "a grant is the first record of a subscription");
}

TEST_CASE("the books object to a record that is missing, twice, or after the end") {
  const World world = busy_morning();
  for (std::size_t i = 0; i < world.records.size(); ++i) {
    CAPTURE(i);
    std::vector<Record> missing = world.records;
    missing.erase(missing.begin() + static_cast<std::ptrdiff_t>(i));
    CHECK(objection(world.policies, missing, world) != "");
    std::vector<Record> twice = world.records;
    twice.insert(twice.begin() + static_cast<std::ptrdiff_t>(i), world.records[i]);
    CHECK(objection(world.policies, twice, world) != "");
  }
  std::vector<Record> after = world.records;
  after.push_back({99, t0, Activated{"x", world.sessions.at("x").version + 1}});
  CHECK(objection(world.policies, after, world) == "session x: a record after its end");
}

TEST_CASE("what an entity must satisfy by itself") {
  const World world = busy_morning();
  const auto session = [&](auto cook) {
    Session changed = world.sessions.at("x");
    cook(changed);
    return violation(changed).has_value();
  };
  CHECK_FALSE(session([](Session&) {}));
  CHECK(session([](Session& s) { s.hold = Hold{"s1", ""}; }));
  CHECK(session([](Session& s) { s.ended_at.reset(); }));
  CHECK(session([](Session& s) { s.runs.back().units += 1; }));
  CHECK(session([](Session& s) { s.intervals_processed = 1; }));
  CHECK(session([](Session& s) { s.manual_applied = false; }));
  Session running = world.sessions.at("y");
  CHECK_FALSE(violation(running));
  running.status = Status::active;
  CHECK(violation(running));
  const auto subscription = [&](auto cook) {
    Subscription changed = world.subscriptions.at("s1");
    cook(changed);
    return violation(changed).has_value();
  };
  CHECK_FALSE(subscription([](Subscription&) {}));
  CHECK(subscription([](Subscription& s) { s.taken[1] = 11; }));
  CHECK(subscription([](Subscription& s) { s.taken[1] = -1; }));
  CHECK(subscription([](Subscription& s) { s.held[0] = -1; }));
  CHECK(subscription([](Subscription& s) { s.refunded[0] = -1; }));
  Doctor doctor = world.doctors.at("d");
  CHECK_FALSE(violation(doctor));
  doctor.earned = -1;  // a debt
  CHECK_FALSE(violation(doctor));
  doctor.pending = -1;
  CHECK(violation(doctor) == "doctor d: negative withdrawals");
}

TEST_CASE("the books object to rows that say something else") {
  CHECK(objects_to_entities([](World& w) { w.sessions.at("x").units_used -= 1; }) ==
        "session x: units used differ from what the records say");
  CHECK(objects_to_entities([](World& w) { w.sessions.at("x").intervals_processed += 1; }) ==
        "session x: intervals processed differ from what the records say");
  CHECK(objects_to_entities([](World& w) { w.sessions.at("x").manual_applied = false; }) ==
        "session x: manual units differ from what the records say");
  CHECK(objects_to_entities([](World& w) {
          w.sessions.at("x").hold = Hold{"s1", ""};
        }) == "session x: held units differ from what the records say");
  CHECK(objects_to_entities([](World& w) { w.sessions.at("x").version += 1; }) ==
        "session x: versions differ from what the records say");
  CHECK(objects_to_entities([](World& w) { w.sessions.at("y").hold.reset(); }) ==
        "session y: held units differ from what the records say");
  CHECK(objects_to_entities([](World& w) { w.sessions.at("y").hold->subscription = "s2"; }) ==
        "session y: held units differ from what the records say");
  CHECK(objects_to_entities([](World& w) { w.sessions.at("x").ended_at.reset(); }) ==
        "session x: ended_at without an end");
  CHECK(objects_to_entities([](World& w) { w.sessions.at("x").runs.clear(); }) ==
        "session x: its runs are not the units used less those refunded");
  CHECK(objects_to_entities([](World& w) { w.subscriptions.at("s1").taken[1] -= 1; }) ==
        "subscription s1: units taken differ from what the records say");
  CHECK(objects_to_entities([](World& w) { w.subscriptions.at("s1").held[0] = 0; }) ==
        "subscription s1: units held differ from what the records say");
  CHECK(objects_to_entities([](World& w) { w.subscriptions.at("s1").granted[0] += 1; }) ==
        "subscription s1: units granted differ from what the records say");
  CHECK(objects_to_entities([](World& w) { w.doctors.at("d").earned += 1; }) ==
        "doctor d: earnings differ from what the records say");
  CHECK(objects_to_entities([](World& w) { w.doctors.at("d").pending = -1; }) ==
        "doctor d: pending withdrawals differ from what the records say");
  CHECK(objects_to_entities([](World& w) {
          w.doctors.at("d").currency = {{'U', 'S', 'D'}};
        }) == "doctor d: currencies differ from what the records say");
}

}  // namespace toll::tests
