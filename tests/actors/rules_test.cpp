// The rules of docs/ARCHITECTURE.md that actors keep, each under many interleavings.
#include <catch2/catch.hpp>

#include "tests/actors/commands.hpp"
#include "tests/actors/virtual_server.hpp"

namespace toll::tests {

using namespace billing;
using namespace actors;

namespace {

std::string answer_of(const CallPtr& call) {
  if (!call->answer) return "nothing";
  if (const auto* refusal = call->as<Refusal>()) return std::string(code(*refusal));
  return call->as<Unavailable>() ? "unavailable" : "granted";
}

/// Runs actors only: the disk never gets its turn.
void run_without_disk(VirtualServer& server) {
  auto& scheduler =
      dynamic_cast<caf::scheduler::test_coordinator&>(server.core().system().scheduler());
  while (scheduler.has_job()) scheduler.run_once();
}

void step_until_answered(VirtualServer& server, const CallPtr& call) {
  while (!call->answer) REQUIRE(server.step());
}

}  // namespace

TEST_CASE("rule 2: writes, refusals and reads all wait for what they rest on", "[actors]") {
  VirtualServer server(1, t0);
  server.boot();
  server.call(grant("s1", "p1", 3));
  server.call(chat("x1", "p1", "d1"));
  const CallPtr top_up = server.issue(TopUpSubscription{"s1", {1, 0, 0}});
  run_without_disk(server);
  const CallPtr read = server.issue(GetSubscription{"s1"});
  const CallPtr refused = server.issue(PutSubscription(grant("s1", "other", 3)));
  const CallPtr deduct = server.issue(DeductUnits{"x1", "phone"});
  run_without_disk(server);
  for (const auto& call : {top_up, read, deduct}) CHECK(answer_of(call) == "nothing");
  server.settle();
  CHECK(answer_of(top_up) == "granted");
  CHECK(answer_of(deduct) == "session_not_active");
  REQUIRE(read->as<SubscriptionAnswer>());
  CHECK(read->as<SubscriptionAnswer>()->subscription.granted[0] == 4);
  CHECK(answer_of(refused) == "granted");  // the fingerprint is the same: so it is the same request
  CHECK(read->durable_at_answer >= server.storage().journal().last());
}

TEST_CASE("rule 3: an ask that is dropped unanswered answers Unavailable, once", "[actors]") {
  struct Counting final : Asker {
    int unavailable = 0;
    void answered(Answer&& answer, Effect) noexcept override {
      unavailable += std::holds_alternative<Unavailable>(answer);
    }
  };
  const auto asker = std::make_shared<Counting>();
  std::atomic<std::int64_t> under_way{0};
  {
    const auto ask = std::make_shared<Ask>(GetSession{"x"}, t0, asker, under_way);
    CHECK(under_way == 1);
  }
  CHECK(asker->unavailable == 1);
  CHECK(under_way == 0);
}

TEST_CASE("rules 3 and 5: idle actors leave, and nothing is lost with them", "[actors]") {
  VirtualServer server(5, t0);
  server.boot();
  const std::int64_t at_rest = server.core().counters().actors_in_memory;
  for (int round = 0; round < 50; ++round) {
    const std::string id = "x" + std::to_string(round);
    server.call(grant("s" + std::to_string(round), "p1", 1));
    REQUIRE(answer_of(server.call(chat(id, "p1", "d1"))) == "granted");
    server.call(SendMessage{id, Party::doctor});
    server.call(EndSession{id, Party::patient, std::nullopt});
    const CallPtr again = server.issue(EndSession{id, Party::doctor, std::nullopt});
    const CallPtr read = server.issue(GetSession{id});
    server.settle();
    REQUIRE(again->as<SessionAnswer>());
    CHECK(again->as<SessionAnswer>()->already_ended);
    CHECK(read->as<SessionAnswer>()->session.units_used == 1);
  }
  CHECK(server.core().counters().actors_in_memory == at_rest);
}

TEST_CASE("rule 5: who left is remembered until the rows show it, and then forgotten", "[actors]") {
  Limits limits;
  limits.remembered = 1;
  VirtualServer server(5, t0, {}, limits);
  server.boot();
  // Whether the answer needs nothing but the disk: a row that was read goes to the actor first.
  const auto remembered = [&](const Command& read) {
    const CallPtr call = server.issue(read);
    run_without_disk(server);
    server.storage().pump();
    const bool at_once = call->answer.has_value();
    server.settle();
    CHECK(answer_of(call) == "granted");
    return at_once;
  };
  server.issue(grant("s1", "p1", 1));
  run_without_disk(server);  // loads need the disk
  server.storage().pump();   // the row is read: there is none
  run_without_disk(server);  // granted, but not in the rows
  CHECK(server.core().counters().actors_in_memory == 0);
  CHECK(remembered(GetSubscription{"s1"}));
  for (int i = 0; i < 3; ++i) CHECK(remembered(GetSubscription{"s1"}));  // the last to leave
  server.call(grant("s2", "p2", 1));
  CHECK_FALSE(remembered(GetSubscription{"s1"}));

  server.call(chat("x1", "p1", "d1"));
  server.issue(EndSession{"x1", Party::patient, std::nullopt});
  run_without_disk(server);
  CHECK(remembered(GetSession{"x1"}));
  server.call(grant("s3", "p3", 1));
  server.call(chat("x3", "p3", "d3"));
  server.call(EndSession{"x3", Party::patient, std::nullopt});
  CHECK_FALSE(remembered(GetSession{"x1"}));
}

TEST_CASE("rule 7: a unit that is always somewhere is always found", "[actors]") {
  int others = 0;
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    VirtualServer server(seed, t0);
    server.boot();
    server.call(grant("s1", "p1", 0));
    server.call(grant("s2", "p1", 0));
    server.call(grant("s3", "p2", 1, {"p1"}));
    const CallPtr start = server.issue(chat("a", "p1", "d1"));
    for (auto steps = server.pick(30); steps > 0; --steps) server.step();
    // First p1 gains a unit on s1, and only then somebody takes the one on s3.
    const CallPtr top_up = server.issue(TopUpSubscription{"s1", {1, 0, 0}});
    step_until_answered(server, top_up);
    StartSession fresh = chat("b", "p2", "d2");
    fresh.id_is_new = true;
    const CallPtr other = server.issue(fresh);
    server.settle();
    INFO("seed " << seed);
    REQUIRE(answer_of(start) == "granted");
    others += answer_of(other) == "granted";
  }
  CHECK(others > 0);
}

TEST_CASE("rule 7: what is bought before the only other one is disabled is found", "[actors]") {
  int bought_first = 0;
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    VirtualServer server(seed, t0);
    server.boot();
    server.call(grant("s1", "p1", 1));
    server.call(GetSubscription{"s2"});  // it is in memory, and knows that it is none
    server.issue(PatchSubscription{"s1", {false, {}, {}}});
    StartSession fresh = chat("a", "p1", "d1");
    fresh.id_is_new = true;
    const CallPtr start = server.issue(fresh);
    server.issue(grant("s2", "p1", 1));
    server.settle();
    const auto records = server.storage().rows().events(0, 100);
    const auto disabled = std::ranges::find_if(
        records, [](const Record& record) { return std::holds_alternative<Changed>(record.fact); });
    const bool in_time = std::any_of(records.begin(), disabled, [](const Record& record) {
      const auto* granted = std::get_if<Granted>(&record.fact);
      return granted && granted->subscription == "s2";
    });
    INFO("seed " << seed);
    if (in_time) REQUIRE(answer_of(start) == "granted");
    bought_first += in_time;
  }
  CHECK(bought_first > 20);
}

TEST_CASE("rule 6: no alarm is set before recovery is complete", "[actors]") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Policy forgive;
    forgive.downtime.cap = 0;
    VirtualServer server(seed, t0, forgive);
    server.boot();
    server.call(grant("s1", "p1", 5));
    server.call(chat("x1", "p1", "d1"));
    server.call(SendMessage{"x1", Party::doctor});
    server.crash();
    server.pass_until(t0 + 25 * minute);
    server.boot([&] { CHECK_FALSE(server.alarm()); });
    CHECK(server.alarm() == t0 + 30 * minute);
    CHECK(server.call(GetSession{"x1"})->as<SessionAnswer>()->session.units_used == 0);
  }
}

TEST_CASE("rules 9 and 10: a full queue refuses, loses nothing, and wakes come in", "[actors]") {
  Limits limits;
  limits.session_queue = 4;
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    VirtualServer server(seed, t0, {}, limits);
    server.boot();
    server.call(grant("s1", "p1", 5));
    server.call(chat("x1", "p1", "d1"));
    server.call(SendMessage{"x1", Party::doctor});
    std::vector<CallPtr> calls;
    server.advance_to(t0 + 10 * minute);
    for (int i = 0; i < 40; ++i) {
      calls.push_back(i % 2 == 0 ? server.issue(GetSession{"x1"})
                                 : server.issue(DeductUnits{"x1", "phone"}));
    }
    server.settle();
    for (const CallPtr& call : calls) REQUIRE(call->answer);
    const auto session = server.call(GetSession{"x1"})->as<SessionAnswer>()->session;
    CHECK(session.units_used == 1);
    // Only a timer that was armed again can notice the next boundary.
    REQUIRE(server.alarm());
    server.advance_to(t0 + 20 * minute);
    server.settle();
    CHECK(server.call(GetSession{"x1"})->as<SessionAnswer>()->session.units_used == 2);
  }
}

TEST_CASE("rule 12: whoever hears that a session ended finds everything free", "[actors]") {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    VirtualServer server(seed, t0);
    server.boot();
    server.call(grant("s1", "p1", 1));
    server.call(chat("x1", "p1", "d1"));
    const CallPtr end = server.issue(EndSession{"x1", Party::patient, std::nullopt});
    step_until_answered(server, end);
    const CallPtr next = server.issue(chat("x2", "p1", "d1"));
    const CallPtr balance = server.issue(GetBalance{"p1"});
    server.settle();
    INFO("seed " << seed);
    REQUIRE(answer_of(next) == "granted");
    REQUIRE(balance->as<BalanceAnswer>());
  }
}

TEST_CASE("nobody is refused as busy who had no unit until then", "[actors]") {
  int granted = 0;
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    VirtualServer server(seed, t0);
    server.boot();
    server.call(grant("s1", "p1", 1, {"p2"}));
    server.call(chat("x1", "p1", "d1"));  // the doctor is busy as long as the only unit is held
    const CallPtr start = server.issue(chat("x2", "p2", "d1"));
    for (auto steps = server.pick(20); steps > 0; --steps) server.step();
    server.issue(EndSession{"x1", Party::patient, std::nullopt});
    server.settle();
    REQUIRE((answer_of(start) == "no_units" || answer_of(start) == "granted"));
    granted += answer_of(start) == "granted";
  }
  CHECK((granted > 20 && granted < 380));
}

TEST_CASE("accident 15: two starts at once are one session and a conflict", "[actors]") {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    VirtualServer server(seed, t0);
    server.boot();
    server.call(grant("s1", "p1", 5));
    server.call(grant("s2", "p2", 5));
    const CallPtr one = server.issue(chat("a", "p1", "d1"));
    const CallPtr two = server.issue(chat("b", "p2", "d1"));
    const CallPtr three = server.issue(chat("c", "p1", "d2"));
    server.settle();
    INFO("seed " << seed << ": " << answer_of(one) << ' ' << answer_of(two) << ' '
                 << answer_of(three));
    const auto granted = [](const CallPtr& call) { return answer_of(call) == "granted"; };
    CHECK((granted(one) ? !granted(two) && !granted(three) : granted(two) || granted(three)));
    CHECK(server.core().counters().live_sessions == granted(one) + granted(two) + granted(three));
  }
}

TEST_CASE("a start waits for unsettled ones, however many fail", "[actors]") {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    VirtualServer server(seed, t0);
    server.boot();
    server.call(grant("s1", "p5", 1));
    std::vector<CallPtr> starts;
    for (const char* patient : {"p1", "p2", "p3", "p4", "p5"}) {
      StartSession start = chat(std::string("x-") + patient, patient, "d1");
      start.id_is_new = true;
      starts.push_back(server.issue(start));
    }
    server.settle();
    INFO("seed " << seed);
    for (int i = 0; i < 4; ++i) CHECK(answer_of(starts[i]) == "no_units");
    CHECK(answer_of(starts[4]) == "granted");
  }
}

TEST_CASE("a start notices that the one in its way is over", "[actors]") {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    VirtualServer server(seed, t0);
    server.boot();
    server.call(grant("s1", "p1", 1));
    server.call(grant("s2", "p2", 1));
    server.call(chat("x1", "p1", "d1"));
    server.call(SendMessage{"x1", Party::patient});
    CHECK(answer_of(server.call(chat("x2", "p2", "d1"))) == "doctor_busy");
    server.pass_until(t0 + 5 * minute);
    CHECK(answer_of(server.call(chat("x2", "p2", "d1"))) == "granted");
    CHECK(answer_of(server.call(chat("x3", "p1", "d3"))) == "granted");
    CHECK(server.call(GetSession{"x1"})->as<SessionAnswer>()->session.status == Status::expired);
  }
}

TEST_CASE("on a full disk timers wait, and bill in order when there is room", "[actors]") {
  VirtualServer server(4, t0);
  server.boot();
  server.call(grant("s1", "p1", 5));
  server.call(chat("x1", "p1", "d1"));
  server.call(SendMessage{"x1", Party::doctor});
  server.has_room = false;
  server.advance_to(t0 + 20 * minute);
  server.settle();
  CHECK(server.call(GetSession{"x1"})->as<SessionAnswer>()->session.units_used == 0);
  server.has_room = true;
  server.advance_to(*server.alarm());
  server.settle();
  CHECK(server.call(GetSession{"x1"})->as<SessionAnswer>()->session.units_used == 2);
}

TEST_CASE("time never goes back for a session, whatever its messages say", "[actors]") {
  VirtualServer server(3, t0);
  server.boot();
  server.call(grant("s1", "p1", 5));
  server.call(chat("x1", "p1", "d1"));
  server.call(SendMessage{"x1", Party::doctor});
  server.pass_until(t0 + 10 * minute);
  server.call(DeductUnits{"x1", "phone"});
  const CallPtr late =
      server.issue_at(t0 + 9 * minute, EndSession{"x1", Party::patient, std::nullopt});
  server.settle();
  REQUIRE(late->as<SessionAnswer>());
  CHECK(late->as<SessionAnswer>()->session.ended_at == t0 + 10 * minute);
  CHECK(late->as<SessionAnswer>()->session.units_used == 2);
}

TEST_CASE("accident 7: members, a few units, crashes: no unit is spent twice", "[actors]") {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    VirtualServer server(seed, t0);
    server.boot();
    std::vector<std::string> members;
    for (int i = 10; i < 30; ++i) members.push_back("m" + std::to_string(i));
    server.call(grant("s1", "owner", 6, members));
    std::vector<CallPtr> starts;
    for (const auto& m : members) starts.push_back(server.issue(chat("x" + m, m, "d" + m)));
    const bool crash = seed % 2 == 0;
    for (auto steps = server.pick(400); crash && steps > 0 && server.step(); --steps) {
    }
    std::size_t granted = 0;
    if (crash) {
      for (const CallPtr& call : starts) granted += answer_of(call) == "granted";
      server.crash();
      server.boot();
      CHECK(granted <= std::size_t(subscription_now(server, "s1").held[0]));
      for (const auto& m : members) server.call(chat("x" + m, m, "d" + m));
    } else {
      server.settle();
      for (const CallPtr& call : starts) granted += answer_of(call) == "granted";
      CHECK(granted == 6);
    }
    INFO("seed " << seed);
    CHECK(subscription_now(server, "s1").held[0] == 6);
    CHECK(server.core().counters().live_sessions == 6);
    for (const auto& m : members) server.call(SendMessage{"x" + m, Party::doctor});
    server.advance_to(t0 + 10 * minute);
    server.settle();
    // The last boundary that is paid is the first: nobody has a second unit.
    CHECK(subscription_now(server, "s1").taken[0] == 6);
    CHECK(subscription_now(server, "s1").held[0] == 0);
    CHECK(server.core().counters().live_sessions == 0);
  }
}

}  // namespace toll::tests
