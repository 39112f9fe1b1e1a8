// Rule 7 by its parts: what makes two walks one instant.
#include <catch2/catch.hpp>

#include "actors/directory.hpp"
#include "actors/session.hpp"
#include "tests/actors/commands.hpp"
#include "tests/actors/virtual_server.hpp"

namespace toll::tests {

using namespace billing;
using namespace actors;

namespace {

Route walk_of(std::vector<std::uint64_t> gains, std::size_t subscriptions) {
  Route walk;
  walk.gains = std::move(gains);
  walk.list = std::make_shared<const PatientList>(subscriptions);
  return walk;
}

/// A session that only listens.
SessionActor::behavior_type listener(SessionActor::pointer,
                                     std::shared_ptr<std::vector<std::uint64_t>> gains) {
  return {
      [](const Enter&) {},
      [](const Serve&) {},
      [](const Loaded&) {},
      [](const ClaimDecided&) {},
      [gains](const StartWalkPtr& walk) { *gains = walk->gains; },
      [](const ChargeWalkPtr&) {},
      [](const RefundDone&) {},
      [](const PartiesWoken&) {},
  };
}

/// The gains that a question of p1 meets now.
std::vector<std::uint64_t> gains_now(VirtualServer& server) {
  const auto gains = std::make_shared<std::vector<std::uint64_t>>();
  auto walk = std::make_shared<StartWalk>();
  walk->patient = "p1";
  walk->at = server.now();
  StartQuestion question;
  question.patient = "p1";
  question.channel = Channel::video;  // nobody has units of it: the question goes all the way
  walk->question = question;
  walk->probe = true;
  walk->session = server.core().system().spawn(listener, gains);
  server.core().directory().walk_on(walk);
  server.settle();
  return *gains;
}

PutSubscription grant(const std::string& id, std::vector<std::string> members = {}) {
  PutSubscription put;
  put.id = id;
  put.patient = "owner";
  put.members = std::move(members);
  put.units = {5, 5, 0};
  put.starts_at = t0 - 1000;
  put.ends_at = t0 + 1'000'000'000;
  put.fingerprint = id;
  return put;
}

}  // namespace

TEST_CASE("rule 7: nobody can give after two equal walks, or one along an empty list") {
  Operation operation;
  CHECK(nobody_can_give(operation, walk_of({1}, 0)));
  CHECK_FALSE(nobody_can_give(operation, walk_of({1, 1}, 1)));
  CHECK_FALSE(nobody_can_give(operation, walk_of({1, 1, 1}, 2)));
  CHECK_FALSE(nobody_can_give(operation, walk_of({1, 2, 1}, 2)));
  CHECK_FALSE(nobody_can_give(operation, walk_of({2, 2, 1}, 2)));
  CHECK(nobody_can_give(operation, walk_of({2, 2, 1}, 2)));
}

TEST_CASE("rule 7: gains grow with everything that may turn a refusal, and never with a hold") {
  VirtualServer server(1, t0);
  server.boot();
  auto grows = [&, before = std::vector<std::uint64_t>()](bool expected) mutable {
    const auto now = gains_now(server);
    const bool grew = now != before;
    before = now;
    CHECK(grew == expected);
  };
  const auto change = [&](Change change) {
    server.call(PatchSubscription{"s1", std::move(change)});
  };
  server.call(grant("s1", {"p1"}));
  grows(true);
  server.call(TopUpSubscription{"s1", {1, 0, 0}});
  grows(true);
  change({false, {}, {}});
  change({true, {}, {}});
  grows(true);
  change({{}, {}, t0 + 2'000'000'000});
  grows(true);
  server.call(chat("x1", "p1", "d1"));
  grows(false);
  server.call(EndSession{"x1", Party::patient, {}});  // while waiting: the unit is free again
  grows(true);
  server.call(grant("s2", {"p1"}));  // a longer list
  grows(true);
  server.call(GetSubscription{"s1"});
  grows(false);
}

TEST_CASE("rule 7: a subscription that was at rest has the gains that it had") {
  VirtualServer server(1, t0);
  server.boot();
  server.call(grant("s1", {"p1"}));
  server.call(TopUpSubscription{"s1", {1, 0, 0}});
  server.call(chat("x1", "p1", "d1"));
  const auto before = gains_now(server);
  CHECK(server.core().counters().actors_in_memory == 0);
  CHECK(gains_now(server) == before);
}

TEST_CASE("rule 7: a unit that whoever is in the way owes already is none") {
  VirtualServer server(1, t0);
  server.boot();
  server.call(grant("s1", {"p1"}));  // five units
  server.call(chat("x1", "p1", "d1"));
  server.call(SendMessage{"x1", Party::doctor});
  server.pass_until(t0 + 4 * 600'000);  // no timer has noticed
  const CallPtr start = server.call(chat("x2", "p1", "d2"));
  CHECK(*start->as<Refusal>() == Refusal::no_units);
}

}  // namespace toll::tests
