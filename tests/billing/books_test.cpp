// The second books (billing/invariants.hpp): they agree with every honest journal, and object to
// every way of cooking one.
#include <rapidcheck.h>

#include <catch2/catch.hpp>

#include "billing/invariants.hpp"
#include "tests/billing/compare.hpp"

namespace toll::tests {

namespace {

/// What the books say against these records, or against the entities that they are compared with.
std::string objection(const PolicyBook& policies, const std::vector<Record>& records,
                      const World& folded) {
  Books books;
  for (std::uint32_t v = 1; v <= policies.current_version(); ++v) {
    if (auto wrong = books.add({0, t0, PolicyRecorded{v, policies.at(v)}})) return *wrong;
  }
  for (const Record& record : records) {
    if (auto wrong = books.add(record)) return *wrong;
  }
  for (const auto& [id, session] : folded.sessions) {
    if (auto wrong = violation(session)) return *wrong;
    if (auto wrong = books.compare(session)) return *wrong;
  }
  for (const auto& [id, subscription] : folded.subscriptions) {
    if (auto wrong = violation(subscription)) return *wrong;
    if (auto wrong = books.compare(subscription)) return *wrong;
  }
  for (const auto& [id, doctor] : folded.doctors) {
    if (auto wrong = violation(doctor)) return *wrong;
    if (auto wrong = books.compare(doctor)) return *wrong;
  }
  return books.compare_totals().value_or("");
}

/// Three units taken: one deduction of two, one manual unit; another session still live.
World busy_morning() {
  World world = running(Channel::voice, 10);
  world.deduct(t0 + minutes(20), "x");
  world.start(t0 + minutes(21), "y", Channel::text, "p", "e");
  world.end(t0 + minutes(25), "x");
  return world;
}

/// Whether the books object after `cook` has changed the last record that is a T.
template <class T, class Cook>
bool objects(Cook cook) {
  const World world = busy_morning();
  std::vector<Record> records = world.records;
  for (auto record = records.rbegin(); record != records.rend(); ++record) {
    if (auto* fact = std::get_if<T>(&record->fact)) {
      cook(*fact);
      return !objection(world.policies, records, world).empty();
    }
  }
  return false;
}

/// Whether the books object when an entity was changed behind the journal's back.
template <class Cook>
bool objects_to_entities(Cook cook) {
  World world = busy_morning();
  cook(world);
  return !objection(world.policies, world.records, world).empty();
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
  CHECK(objects<Charged>([](Charged& f) { f.version += 1; }));
  CHECK(objects<Charged>([](Charged& f) { f.first_interval = 2; }));
  CHECK(objects<Charged>([](Charged& f) { f.units = 1; }));
  CHECK(objects<Charged>([](Charged& f) { f.units = 0; }));
  CHECK(objects<Charged>([](Charged& f) { f.pay.amount += 1; }));
  CHECK(objects<Charged>([](Charged& f) { f.pay.currency = {{'U', 'S', 'D'}}; }));
  CHECK(objects<Charged>([](Charged& f) { f.taken.subscription = "s2"; }));
  CHECK(objects<Charged>([](Charged& f) { f.hold.subscription = "s2"; }));
  CHECK(objects<Charged>([](Charged& f) { f.doctor = "e"; }));
  CHECK(objects<Charged>([](Charged& f) { f.channel = Channel::video; }));
  CHECK(objects<Charged>([](Charged& f) { f.session = "z"; }));
}

TEST_CASE("the books object to a cooked end") {
  CHECK(objects<Ended>([](Ended& f) { f.units = 0; }));
  CHECK(objects<Ended>([](Ended& f) { f.units = 2; }));
  CHECK(objects<Ended>([](Ended& f) { f.interval = 1; }));
  CHECK(objects<Ended>([](Ended& f) { f.hold.subscription = "s2"; }));
  CHECK(objects<Ended>([](Ended& f) { f.pay.amount = 0; }));
  CHECK(objects<Ended>([](Ended& f) { f.session = "y"; }));
}

TEST_CASE("the books object to a cooked beginning") {
  CHECK(objects<Created>([](Created& f) { f.version = 2; }));
  CHECK(objects<Created>([](Created& f) { f.session = "x"; }));
  CHECK(objects<Created>([](Created& f) { f.hold.subscription = "s2"; }));
  CHECK(objects<Created>([](Created& f) { f.policy_version = 2; }));
  CHECK(objects<Created>([](Created& f) { f.currency = {{'U', 'S', 'D'}}; }));
  CHECK(objects<Granted>([](Granted& f) { f.units = {0, 2, 0}; }));
  CHECK(objects<Granted>([](Granted& f) { f.version = 2; }));
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
  CHECK(objection(world.policies, after, world) != "");
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
}

TEST_CASE("the books object to rows that say something else") {
  CHECK(objects_to_entities([](World& w) { w.sessions.at("x").units_used -= 1; }));
  CHECK(objects_to_entities([](World& w) { w.sessions.at("x").intervals_processed += 1; }));
  CHECK(objects_to_entities([](World& w) { w.sessions.at("x").manual_applied = false; }));
  CHECK(objects_to_entities([](World& w) { w.sessions.at("x").hold = Hold{"s1", ""}; }));
  CHECK(objects_to_entities([](World& w) { w.sessions.at("x").version += 1; }));
  CHECK(objects_to_entities([](World& w) { w.sessions.at("y").hold.reset(); }));
  CHECK(objects_to_entities([](World& w) { w.sessions.at("y").hold->subscription = "s2"; }));
  CHECK(objects_to_entities([](World& w) { w.sessions.at("x").ended_at.reset(); }));
  CHECK(objects_to_entities([](World& w) { w.sessions.at("x").runs.clear(); }));
  CHECK(objects_to_entities([](World& w) { w.subscriptions.at("s1").taken[1] -= 1; }));
  CHECK(objects_to_entities([](World& w) { w.subscriptions.at("s1").held[0] = 0; }));
  CHECK(objects_to_entities([](World& w) { w.subscriptions.at("s1").granted[0] += 1; }));
  CHECK(objects_to_entities([](World& w) { w.doctors.at("d").earned += 1; }));
  CHECK(objects_to_entities([](World& w) { w.doctors.at("d").pending = -1; }));
  CHECK(objects_to_entities([](World& w) { w.doctors.at("d").currency = {{'U', 'S', 'D'}}; }));
}

}  // namespace toll::tests
