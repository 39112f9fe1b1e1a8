// Boundaries of sessions that rest: charged without an actor when they are ordinary, and as by the
// actor in any case. A request is played twice, at rest and while the actor is at work.
#include <catch2/catch.hpp>

#include "tests/actors/commands.hpp"
#include "tests/actors/virtual_server.hpp"

namespace toll::tests {

using namespace billing;
using namespace actors;

namespace {

struct Boundary {
  const char* name;
  std::int64_t units = 1000;          ///< on s1
  Instant minutes = 10;               ///< that pass
  std::size_t members = 0;            ///< of s1
  bool answered = true;               ///< the doctor has answered
  bool older = false;                 ///< a subscription comes before the one that holds the unit
  bool key = false;                   ///< the request has an idempotency key
  std::optional<std::int64_t> cap{};  ///< of the downtime policy
  std::int64_t taken = 1;             ///< units, by the first to notice
  bool rests = false;                 ///< no actor comes in
};

const Boundary boundaries[] = {
    {.name = "one is due", .rests = true},
    {.name = "nothing is due", .minutes = 9, .taken = 0, .rests = true},
    {.name = "three are due", .minutes = 35, .taken = 3, .rests = true},
    {.name = "as many as go into one record", .minutes = 2560, .taken = 256, .rests = true},
    {.name = "more than go into one record", .minutes = 2570, .taken = 257},
    {.name = "the last unit", .units = 1},
    {.name = "the last but one", .units = 2, .rests = true},
    {.name = "not all that is due", .units = 2, .minutes = 30, .taken = 2},
    {.name = "a subscription with many members", .members = 100, .rests = true},
    {.name = "nobody has answered", .answered = false, .taken = 0},
    {.name = "an older subscription gives the next unit", .older = true},
    {.name = "with a key", .key = true},
};

const Boundary outages[] = {
    {.name = "all is charged", .minutes = 35, .taken = 3, .rests = true},
    {.name = "all is forgiven", .minutes = 35, .cap = 0, .taken = 0},
    {.name = "some is forgiven", .minutes = 35, .cap = 1, .taken = 1},
    {.name = "none of it would be forgiven", .minutes = 15, .cap = 1, .rests = true},
};

/// A chat between p1 and d1 on s1, and a server that has just started again.
void begin(VirtualServer& server, const Boundary& chosen) {
  server.boot();
  PutSubscription payer = grant("s1", "p1", chosen.units);
  for (std::size_t i = 0; i < chosen.members; ++i) {
    payer.members.push_back("m" + std::to_string(1000 + i));
  }
  server.call(payer);
  server.call(chat("x1", "p1", "d1"));
  if (chosen.answered) server.call(SendMessage{"x1", Party::doctor});
  if (chosen.older) {
    PutSubscription older = grant("s0", "p1", 5);
    older.starts_at = t0 - 2 * minute;
    server.call(older);
  }
  server.stop();
}

Policy policy_of(const Boundary& chosen) {
  Policy policy;
  if (chosen.cap) policy.downtime.cap = *chosen.cap;
  policy.waiting_limit_s = policy.response_window_s = 1'000'000;
  return policy;
}

std::int64_t entered(VirtualServer& server) { return server.core().counters().actors_entered; }

struct Outcome {
  Session session;
  Subscription payer;
  Doctor doctor;
  std::int64_t deducted = 0, due = 0;
  std::string refusal;
  bool operator==(const Outcome&) const = default;
};

void look(VirtualServer& server, Outcome& outcome) {
  outcome.session = server.call(GetSession{"x1"})->as<SessionAnswer>()->session;
  outcome.payer = server.call(GetSubscription{"s1"})->as<SubscriptionAnswer>()->subscription;
  outcome.doctor = server.call(GetWallet{"d1"})->as<DoctorAnswer>()->doctor;
}

}  // namespace

TEST_CASE("a request charges what rests as an actor would", "[actors]") {
  for (const Boundary& chosen : boundaries) {
    INFO(chosen.name);
    Outcome outcomes[2];
    for (const bool at_rest : {true, false}) {
      VirtualServer server(5, t0, policy_of(chosen));
      begin(server, chosen);
      server.boot();
      server.pass_until(t0 + chosen.minutes * minute);
      if (!at_rest) server.issue(GetSession{"x1"});
      CHECK(server.core().counters().actors_in_memory == (at_rest ? 0 : 1));
      const std::int64_t before = entered(server);
      std::optional<Cause> cause;
      if (chosen.key) cause = Cause{.key = {1}, .request = {2}};
      const CallPtr call = server.call(DeductUnits{"x1", "phone"}, cause);
      if (at_rest) CHECK((entered(server) == before) == chosen.rests);
      Outcome& outcome = outcomes[at_rest];
      if (const auto* answer = call->as<SessionAnswer>()) {
        outcome.deducted = answer->deducted;
        outcome.due = answer->intervals_due;
      } else {
        outcome.refusal = code(*call->as<Refusal>());
      }
      CHECK(outcome.deducted == chosen.taken);
      look(server, outcome);
      if (const auto* answer = call->as<SessionAnswer>()) CHECK(answer->session == outcome.session);
    }
    CHECK(outcomes[0] == outcomes[1]);
  }
}

TEST_CASE("a timer charges what rests, and is armed for the next", "[actors]") {
  for (const Boundary& chosen : boundaries) {
    if (chosen.key) continue;
    INFO(chosen.name);
    VirtualServer server(5, t0, policy_of(chosen));
    begin(server, chosen);
    server.boot();
    const std::int64_t before = entered(server);
    server.advance_to(t0 + chosen.minutes * minute);
    server.settle();
    if (chosen.minutes >= 10 && chosen.answered) {
      CHECK((entered(server) == before) == chosen.rests);
    }
    const auto alarm = server.alarm();
    Outcome outcome;
    look(server, outcome);
    CHECK(outcome.session.units_used == chosen.taken);
    CHECK(outcome.payer.taken == Units{chosen.taken, 0, 0});
    CHECK(outcome.doctor.balance() == chosen.taken * 350'000);
    if (outcome.session.live()) CHECK(alarm == next_wake(outcome.session, policy_of(chosen)));
  }
}

TEST_CASE(
    "what fell due while the server was down is charged or forgiven by policy, and only the "
    "ordinary without an actor",
    "[actors]") {
  for (const Boundary& chosen : outages) {
    INFO(chosen.name);
    VirtualServer server(5, t0, policy_of(chosen));
    begin(server, chosen);
    server.pass_until(t0 + chosen.minutes * minute);
    server.boot();
    CHECK((entered(server) == 0) == chosen.rests);
    Outcome outcome;
    look(server, outcome);
    CHECK(outcome.session.units_used == chosen.taken);
    CHECK(outcome.session.intervals_processed == chosen.minutes / 10);
    CHECK(server.alarm() == next_wake(outcome.session, policy_of(chosen)));
  }
}

TEST_CASE("more large subscriptions rest than stay unpacked", "[actors]") {
  constexpr int many = 300;
  VirtualServer server(5, t0);
  server.boot();
  for (int i = 0; i < many; ++i) {
    const std::string number = std::to_string(i);
    PutSubscription payer = grant("s" + number, "p" + number, 10);
    for (int member = 0; member < 40; ++member) {
      payer.members.push_back("member" + std::to_string(100 + member) + "of" + number);
    }
    server.call(payer);
    server.call(chat("x" + number, payer.patient, "d" + number));
    server.call(SendMessage{"x" + number, Party::doctor});
  }
  server.stop();
  server.boot();
  for (int boundary = 1; boundary <= 3; ++boundary) {
    server.advance_to(t0 + boundary * 10 * minute);
    server.settle();
    CHECK(entered(server) == 0);
  }
  for (int i = 0; i < many; ++i) {
    const CallPtr call = server.call(GetSubscription{"s" + std::to_string(i)});
    CHECK(call->as<SubscriptionAnswer>()->subscription.taken == Units{3, 0, 0});
  }
}

}  // namespace toll::tests
