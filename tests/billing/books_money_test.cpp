// The second books object to every way of cooking a refund or a withdrawal.
#include <catch2/catch.hpp>

#include "tests/billing/objection.hpp"

namespace toll::tests {

namespace {

/// Three units earned, one refunded; one withdrawal paid and one requested.
World payday() {
  World world = running(Channel::text, 10);
  world.put(t0, grant("s2", "q", 5));
  world.deduct(t0 + minutes(30), "x");
  world.refund(t0 + minutes(31), "x", 1);
  world.withdraw(t0 + minutes(32), "d", "w1", mwk(300'000));
  world.move(t0 + minutes(33), "w1", WithdrawalStatus::approved);
  world.move(t0 + minutes(34), "w1", WithdrawalStatus::paid);
  world.withdraw(t0 + minutes(35), "d", "w2", mwk(400'000));
  return world;
}

template <class T, class Cook>
std::string objects_on_payday(Cook cook) {
  return objection_to_record<T>(payday(), cook);
}

template <class Cook>
std::string objects_to_entities_on_payday(Cook cook) {
  return objection_to_entities(payday(), cook);
}

}  // namespace

TEST_CASE("the books agree with an honest payday, and with no record missing or twice") {
  const World world = payday();
  CHECK(objection(world.policies, world.records, world) == "");
  for (std::size_t i = 0; i < world.records.size(); ++i) {
    CAPTURE(i);
    std::vector<Record> missing = world.records;
    missing.erase(missing.begin() + static_cast<std::ptrdiff_t>(i));
    CHECK(objection(world.policies, missing, world) != "");
    std::vector<Record> twice = world.records;
    twice.insert(twice.begin() + static_cast<std::ptrdiff_t>(i), world.records[i]);
    CHECK(objection(world.policies, twice, world) != "");
  }
}

TEST_CASE("the books object to a cooked refund") {
  CHECK(objects_on_payday<Refunded>([](Refunded& f) { f.version += 1; }) ==
        "entity x: not its next version");
  CHECK(objects_on_payday<Refunded>([](Refunded& f) { f.units = 4; }) ==
        "more refunded than was charged");
  CHECK(objects_on_payday<Refunded>([](Refunded& f) { f.units = 0; }) ==
        "more refunded than was charged");
  CHECK(objects_on_payday<Refunded>([](Refunded& f) { f.units = 2; }) ==
        "the pay is not units x rate");
  CHECK(objects_on_payday<Refunded>([](Refunded& f) { f.pay.amount -= 1; }) ==
        "the pay is not units x rate");
  CHECK(objects_on_payday<Refunded>([](Refunded& f) { f.pay.currency = usd; }) ==
        "the pay is not units x rate");
  CHECK(objects_on_payday<Refunded>([](Refunded& f) { f.doctor = "e"; }) ==
        "not the session's doctor");
  CHECK(objects_on_payday<Refunded>([](Refunded& f) { f.channel = Channel::voice; }) ==
        "not the session's channel");
  CHECK(objects_on_payday<Refunded>([](Refunded& f) { f.payer.subscription = "s9"; }) ==
        "a refund to an unknown subscription");
  CHECK(objects_on_payday<Refunded>([](Refunded& f) { f.payer.subscription = "s2"; }) ==
        "a refund of units never taken");
  CHECK(objects_on_payday<Refunded>([](Refunded& f) { f.session = "z"; }) ==
        "unknown z: no record made it");
}

TEST_CASE("the books object to a cooked withdrawal") {
  using Requested = WithdrawalRequested;
  CHECK(objects_on_payday<Requested>([](Requested& f) { f.version += 1; }) ==
        "entity d: not its next version");
  CHECK(objects_on_payday<Requested>([](Requested& f) { f.amount.amount = 400'001; }) ==
        "more than the balance");
  CHECK(objects_on_payday<Requested>([](Requested& f) { f.amount.amount = 0; }) ==
        "more than the balance");
  CHECK(objects_on_payday<Requested>([](Requested& f) { f.amount.currency = usd; }) ==
        "not the wallet's currency");
  CHECK(objects_on_payday<Requested>([](Requested& f) { f.withdrawal = "w1"; }) ==
        "withdrawal w1: requested twice");
  CHECK(objects_on_payday<Requested>([](Requested& f) { f.doctor = "e"; }) ==
        "unknown e: no record made it");
}

TEST_CASE("the books object to a withdrawal that moves as it may not") {
  using Moved = WithdrawalMoved;
  CHECK(objects_on_payday<Moved>([](Moved& f) { f.version += 1; }) ==
        "entity d: not its next version");
  CHECK(objects_on_payday<Moved>([](Moved& f) { f.withdrawal = "w9"; }) == "an unknown withdrawal");
  CHECK(objects_on_payday<Moved>([](Moved& f) { f.amount.amount -= 1; }) ==
        "a withdrawal of somebody else, or of another amount");
  CHECK(objects_on_payday<Moved>([](Moved& f) { f.amount.currency = usd; }) ==
        "a withdrawal of somebody else, or of another amount");
  for (const auto to :
       {WithdrawalStatus::rejected, WithdrawalStatus::approved, WithdrawalStatus::requested}) {
    CHECK(objects_on_payday<Moved>([to](Moved& f) { f.status = to; }) ==
          "a withdrawal cannot move so");
  }
}

TEST_CASE("the books object to rows that say something else about money") {
  CHECK(objects_to_entities_on_payday([](World& w) { w.sessions.at("x").units_refunded = 0; }) ==
        "session x: units refunded differ from what the records say");
  CHECK(objects_to_entities_on_payday([](World& w) { w.subscriptions.at("s1").refunded[0] = 2; }) ==
        "subscription s1: units refunded differ from what the records say");
  CHECK(objects_to_entities_on_payday([](World& w) { w.doctors.at("d").pending -= 1; }) ==
        "doctor d: pending withdrawals differ from what the records say");
  CHECK(objects_to_entities_on_payday([](World& w) { w.doctors.at("d").withdrawn += 1; }) ==
        "doctor d: paid withdrawals differ from what the records say");
  const std::string differs =
      "withdrawal w2: its doctor, amount or status differ from what the "
      "records say";
  CHECK(objects_to_entities_on_payday([](World& w) {
          w.withdrawals.at("w2").status = WithdrawalStatus::approved;
        }) == differs);
  CHECK(objects_to_entities_on_payday([](World& w) { w.withdrawals.at("w2").amount.amount = 1; }) ==
        differs);
  CHECK(objects_to_entities_on_payday([](World& w) { w.withdrawals.at("w2").doctor = "e"; }) ==
        differs);
  CHECK(objects_to_entities_on_payday([](World& w) {
          w.withdrawals["w3"] = w.withdrawals.at("w2");
          w.withdrawals["w3"].id = "w3";
        }) == "withdrawal w3: its doctor, amount or status differ from what the records say");
}

}  // namespace toll::tests
