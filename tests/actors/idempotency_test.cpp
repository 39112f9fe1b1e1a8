// Idempotency keys and the real actors (rule 8): every command that changes something, under many
// interleavings and crashes, has one effect and one answer.
#include <catch2/catch.hpp>

#include "tests/actors/commands.hpp"
#include "tests/actors/virtual_server.hpp"

namespace toll::tests {

using namespace billing;
using namespace actors;

namespace {

Cause key(char name, char request = 'r') {
  Cause cause;
  cause.key.fill(name);
  cause.request.fill(request);
  return cause;
}

/// At 25 minutes, unnoticed: `x` has used up its first subscription and draws on the second, `poor`
/// ran out at 10 minutes, `chat` waits with a deadline that has passed, `call` rings, `done` is
/// over and has paid doctor d4.
void prepare(VirtualServer& server) {
  server.boot();
  server.call(grant("s1", "p1", 2));
  server.call(grant("s2", "p1", 50));
  server.call(grant("s3", "p3", 1));
  server.call(grant("s4", "p4", 9));
  server.call(grant("s5", "p5", 9));
  server.call(grant("s6", "p6", 9));
  server.call(chat("done", "p4", "d4"));
  server.call(SendMessage{"done", Party::doctor});
  server.advance_to(t0 + 15 * minute);
  server.settle();
  server.call(EndSession{"done", Party::doctor, std::nullopt});
  server.call(RequestWithdrawal{"w0", "d4", {1000, default_currency}});
  server.call(chat("x", "p1", "d1"));
  server.call(chat("poor", "p3", "d3"));
  server.call(SendMessage{"x", Party::doctor});
  server.call(SendMessage{"poor", Party::doctor});
  server.call(chat("chat", "p5", "d5"));
  server.call(SendMessage{"chat", Party::patient});
  server.pass_until(t0 + 40 * minute);
  server.call(chat("fresh", "p6", "d6"));
}

struct Case {
  const char* what;
  Command command;
};

const std::vector<Case>& cases() {
  static const std::vector<Case> all{
      {"a start", chat("new", "p4", "d7")},
      {"a first message", SendMessage{"fresh", Party::patient}},
      {"an activation by message", SendMessage{"fresh", Party::doctor}},
      {"an activation", ActivateSession{"fresh"}},
      {"a message that finds boundaries due", SendMessage{"x", Party::patient}},
      {"an activation that finds boundaries due", ActivateSession{"x"}},
      {"a deduction from two subscriptions", DeductUnits{"x", "phone"}},
      {"a deduction that runs out of units", DeductUnits{"poor", "phone"}},
      {"a hang-up after boundaries", EndSession{"x", Party::patient, std::nullopt}},
      {"a hang-up that finds it ran out", EndSession{"poor", Party::patient, std::nullopt}},
      {"a hang-up that finds the deadline passed", EndSession{"chat", Party::patient, "bye"}},
      {"a cancellation", EndSession{"fresh", Party::patient, std::nullopt}},
      {"a refund", RefundUnits{"done", 2, "sorry"}},
      {"a refund while it runs", RefundUnits{"x", 1, "sorry"}},
      {"a top-up", TopUpSubscription{"s6", {1, 2, 3}}},
      {"a grant", grant("s9", "p9", 9)},
      {"a change", PatchSubscription{"s6", {.enabled = false}}},
      {"a doctor", PutDoctor{"d9", Currency{{'U', 'S', 'D'}}}},
      {"a withdrawal", RequestWithdrawal{"w1", "d4", {2000, default_currency}}},
      {"an approval", MoveWithdrawal{"w0", WithdrawalStatus::approved}},
      {"a batch", DeductBatch{{"x", "nobody", "poor", "x"}}},
  };
  return all;
}

bool is_replayed(const Answer& answer) {
  return std::visit(
      [](const auto& given) {
        if constexpr (requires { given.replayed; }) return given.replayed;
        return false;
      },
      answer);
}

/// The answer without the mark that says that it was given before.
Answer substance(Answer answer) {
  std::visit(
      [](auto& given) {
        if constexpr (requires { given.replayed; }) given.replayed = false;
      },
      answer);
  return answer;
}

/// Units and money, wherever they are.
std::string totals(VirtualServer& server) {
  std::string text;
  const auto add = [&](auto number) { text += std::to_string(number) + ' '; };
  server.settle();
  const persistence::Rows& rows = server.storage().rows();
  for (const char* id : {"x", "poor", "chat", "fresh", "done", "new"}) {
    const auto session = rows.session(id);
    if (!session) continue;
    text += std::string(id) + ' ' + std::string(name(session->status)) + ' ';
    add(session->units_used), add(session->units_refunded), add(session->intervals_processed);
  }
  rows.each_subscription([&](Subscription&& subscription) {
    text += subscription.id + ' ';
    for (const Channel channel : channels) {
      const auto c = index(channel);
      add(subscription.granted[c]), add(subscription.taken[c]);
      add(subscription.refunded[c]), add(subscription.held[c]);
    }
  });
  rows.each_doctor([&](Doctor&& doctor) {
    text += doctor.id + ' ';
    add(doctor.balance()), add(doctor.pending), add(doctor.withdrawn);
  });
  return text;
}

bool on_record(VirtualServer& server, const Cause& cause) {
  for (const Record& record : server.storage().rows().events(0, 100'000)) {
    if (record.cause && record.cause->key == cause.key) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("the same key again: the first answer, no effect, also after a crash") {
  for (const Case& tried : cases()) {
    INFO(tried.what);
    VirtualServer server(1, t0);
    prepare(server);
    const auto first = server.call(tried.command, key('k'));
    REQUIRE(first->answer);
    CHECK_FALSE(is_replayed(*first->answer));
    REQUIRE_FALSE(first->as<Refusal>());
    const Seq head = server.storage().journal().last();
    const std::string effect = totals(server);
    // What happens to the session later does not change what was answered.
    server.call(TopUpSubscription{"s1", {1, 1, 1}});
    for (const bool crash : {false, true}) {
      if (crash) {
        server.crash();
        server.boot();
      }
      const auto again = server.call(tried.command, key('k'));
      REQUIRE(again->answer);
      CHECK(is_replayed(*again->answer));
      CHECK(substance(*again->answer) == *first->answer);
      const auto other = server.call(tried.command, key('k', 'o'));
      REQUIRE(other->as<Refusal>());
      CHECK(*other->as<Refusal>() == Refusal::idempotency_key_reused);
      if (!crash) CHECK(server.storage().journal().last() == head + 1);
    }
    CHECK(effect != "");
  }
}

TEST_CASE("requests with one key at the same time: one effect, equal answers, in any order") {
  for (const Case& tried : cases()) {
    INFO(tried.what);
    std::string expected;
    for (std::uint64_t seed = 0; seed < 25; ++seed) {
      INFO("seed " << seed);
      VirtualServer server(seed, t0);
      prepare(server);
      std::vector<CallPtr> calls;
      for (int i = 0; i < 5; ++i) {
        calls.push_back(server.issue(tried.command, key('k')));
        for (std::uint64_t steps = server.pick(6); steps > 0; --steps) server.step();
      }
      const auto stranger = server.issue(tried.command, key('k', 'o'));
      server.settle();
      std::size_t firsts = 0;
      for (const CallPtr& call : calls) {
        REQUIRE(call->answer);
        firsts += !is_replayed(*call->answer);
        CHECK(substance(*call->answer) == substance(*calls.front()->answer));
      }
      CHECK(firsts == 1);
      REQUIRE(stranger->as<Refusal>());
      if (seed == 0) expected = totals(server);
      CHECK(totals(server) == expected);
    }
  }
}

TEST_CASE("a crash anywhere, then the same key: done once, and remembered exactly if it is done") {
  for (const Case& tried : cases()) {
    INFO(tried.what);
    VirtualServer calm(0, t0);
    prepare(calm);
    calm.crash();
    calm.boot();  // what is due is charged by now, as it will be after the crashes
    calm.call(tried.command, key('k'));
    const std::string expected = totals(calm);
    for (std::uint64_t seed = 1; seed < 24; ++seed) {
      INFO("seed " << seed);
      VirtualServer server(seed, t0);
      prepare(server);
      const auto first = server.issue(tried.command, key('k'));
      for (std::uint64_t steps = server.pick(60); steps > 0; --steps) server.step();
      server.crash();
      server.boot();
      const bool remembered = on_record(server, key('k'));
      CHECK((remembered || !first->answer || first->as<Refusal>()));
      const auto again = server.call(tried.command, key('k'));
      REQUIRE(again->answer);
      CHECK(is_replayed(*again->answer) == remembered);
      if (first->answer) CHECK(substance(*again->answer) == *first->answer);
      CHECK(totals(server) == expected);
    }
  }
}

TEST_CASE("what a batch did before a crash is told to the one who asks again") {
  std::size_t cut_short = 0;
  for (std::uint64_t seed = 0; seed < 150; ++seed) {
    INFO("seed " << seed);
    VirtualServer server(seed, t0);
    prepare(server);
    const DeductBatch command{{"x", "poor"}};
    server.issue(command, key('k'));
    for (std::uint64_t steps = server.pick(80); steps > 0; --steps) server.step();
    server.crash();
    server.boot();
    std::map<std::string, std::int64_t> by_batch;
    for (const Record& record : server.storage().rows().events(0, 100'000)) {
      const auto* charged = std::get_if<Charged>(&record.fact);
      const auto* ended = std::get_if<Ended>(&record.fact);
      if (charged && record.cause) by_batch[charged->session] += record.cause->deducted;
      if (ended && record.cause) by_batch[ended->session] += record.cause->deducted;
    }
    cut_short += !by_batch.empty() && !on_record(server, key('k'));
    const auto again = server.call(command, key('k'));
    const auto* answer = again->as<BatchAnswer>();
    REQUIRE(answer);
    for (std::size_t i = 0; i < command.sessions.size(); ++i) {
      CHECK(answer->items[i].deducted == by_batch[command.sessions[i]]);
    }
  }
  CHECK(cut_short > 0);
}

TEST_CASE("a batch that only let a deadline pass has changed something") {
  VirtualServer server(1, t0);
  prepare(server);
  const DeductBatch command{{"chat"}};
  const auto first = server.call(command, key('k'));
  REQUIRE(first->as<BatchAnswer>());
  CHECK(first->as<BatchAnswer>()->items[0].refusal == Refusal::session_not_active);
  CHECK(is_replayed(*server.call(command, key('k'))->answer));
  // And one that has nothing to do has not.
  server.call(command, key('l'));
  CHECK_FALSE(is_replayed(*server.call(command, key('l'))->answer));
}

TEST_CASE("refusals and requests that had nothing to do are evaluated again") {
  VirtualServer server(1, t0);
  prepare(server);
  server.call(DeductUnits{"x", "phone"});
  const Seq head = server.storage().journal().last();
  const auto idle = server.call(DeductUnits{"x", "phone"}, key('a'));
  CHECK(idle->as<SessionAnswer>()->deducted == 0);
  const RequestWithdrawal all{"w1", "d4", {700'000, default_currency}};
  const auto refused = server.call(all, key('b'));
  CHECK(*refused->as<Refusal>() == Refusal::insufficient_balance);
  CHECK(server.storage().journal().last() == head);

  // Nothing is remembered of either, so the key is still free for another request.
  server.pass_until(server.now() + 10 * minute);
  const auto busy = server.call(DeductUnits{"x", "phone"}, key('a', 'o'));
  CHECK(busy->as<SessionAnswer>()->deducted == 1);
  server.call(MoveWithdrawal{"w0", WithdrawalStatus::rejected});
  const auto granted = server.call(all, key('b'));
  REQUIRE(granted->as<WithdrawalAnswer>());
  CHECK_FALSE(granted->as<WithdrawalAnswer>()->replayed);
}

TEST_CASE("a request that is refused after it has applied what was due is not remembered") {
  for (const Command& command :
       {Command(DeductUnits{"chat", "phone"}), Command(SendMessage{"chat", Party::doctor}),
        Command(ActivateSession{"poor"})}) {
    VirtualServer server(1, t0);
    prepare(server);
    const auto first = server.call(command, key('k'));
    REQUIRE(first->as<Refusal>());  // the deadline, or the last unit, went with this very request
    CHECK_FALSE(on_record(server, key('k')));
    CHECK(*server.call(command, key('k'))->answer == *first->answer);
  }
}

TEST_CASE("an answer is kept for thirty days, and then goes by itself") {
  VirtualServer server(1, t0);
  prepare(server);
  const TopUpSubscription command{"s1", {1, 0, 0}};
  const auto granted = [&] {
    return server.call(GetSubscription{"s1"})->as<SubscriptionAnswer>()->subscription.granted[0];
  };
  server.call(command, key('k'));
  const Instant at = server.now();
  CHECK(granted() == 3);
  server.pass_until(at + 30 * day - 1);
  CHECK(server.call(command, key('k'))->as<SubscriptionAnswer>()->replayed);
  CHECK(server.storage().rows().kept_answer(key('k').key));
  server.pass_until(at + 30 * day);
  CHECK_FALSE(server.call(command, key('k'))->as<SubscriptionAnswer>()->replayed);
  CHECK(granted() == 4);
  CHECK(server.call(command, key('k'))->as<SubscriptionAnswer>()->replayed);

  server.pass_until(at + 61 * day);
  server.call(TopUpSubscription{"s1", {1, 0, 0}});
  server.settle();
  CHECK_FALSE(server.storage().rows().kept_answer(key('k').key));
}

namespace {

/// Thirty-one days pass on the disk's side alone: what is kept of earlier requests is deleted, and
/// no actor has taken a step meanwhile.
void forget_all_kept(VirtualServer& server) {
  const auto pump = [&] {
    while (server.storage().pump()) {
    }
  };
  server.pass_until(server.now() + 31 * day);
  for (int windows = 0; windows < 2; ++windows) {
    server.storage().journal().append(server.now(), ClockAdvanced{});
    pump();
  }
}

}  // namespace

TEST_CASE("a request waits while thirty days pass: what it changed is answered, never done again") {
  const std::vector<Case> tried_here{
      {"a top-up", TopUpSubscription{"s6", {1, 2, 3}}},
      {"a grant", grant("s9", "p9", 9)},
      {"an activation", ActivateSession{"fresh"}},
      {"a withdrawal", RequestWithdrawal{"w1", "d4", {2000, default_currency}}},
      {"a doctor", PutDoctor{"d9", Currency{{'U', 'S', 'D'}}}},
  };
  for (const Case& tried : tried_here) {
    INFO(tried.what);
    std::size_t met = 0;
    for (std::uint64_t seed = 0; seed < 40; ++seed) {
      INFO("seed " << seed);
      VirtualServer server(seed, t0);
      prepare(server);
      const Seq before = server.storage().journal().last();
      const auto first = server.issue(tried.command, key('k'));
      const auto second = server.issue(tried.command, key('k'));
      const auto stranger = server.issue(tried.command, key('k', 'o'));
      // The one that is served first decides who the stranger is.
      while (server.storage().journal().last() == before) REQUIRE(server.step());
      if (first->answer || second->answer || stranger->answer) continue;
      const Seq changed = server.storage().journal().last();
      forget_all_kept(server);
      ++met;
      server.settle();
      CHECK(server.storage().journal().last() == changed + 2);
      std::size_t granted = 0, replays = 0, reused = 0;
      for (const CallPtr& call : {first, second, stranger}) {
        REQUIRE(call->answer);
        reused += call->as<Refusal>() && *call->as<Refusal>() == Refusal::idempotency_key_reused;
        replays += is_replayed(*call->answer);
        granted += !call->as<Refusal>() && !is_replayed(*call->answer);
      }
      CHECK(granted == 1);
      CHECK(replays + reused == 2);
      CHECK(reused >= 1);
    }
    CHECK(met > 0);
  }
}

}  // namespace toll::tests
