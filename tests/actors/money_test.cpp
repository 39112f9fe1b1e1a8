// Withdrawals and refunds of the real actors, each under many interleavings.
#include <catch2/catch.hpp>

#include "billing/statement.hpp"
#include "tests/actors/commands.hpp"
#include "tests/actors/virtual_server.hpp"
#include "tests/support/commands.hpp"

namespace toll::tests {

using namespace billing;
using namespace actors;

namespace {

constexpr std::int64_t rate = 350'000;

RequestWithdrawal withdrawal(int number, std::int64_t amount) {
  return {"w" + std::to_string(number), "d", {amount, default_currency}};
}

std::optional<Refusal> refusal_of(const CallPtr& call) {
  REQUIRE(call->answer);
  const auto* refusal = call->as<Refusal>();
  return refusal ? std::optional(*refusal) : std::nullopt;
}

std::size_t granted(const std::vector<CallPtr>& calls) {
  std::size_t count = 0;
  for (const CallPtr& call : calls) count += !refusal_of(call);
  return count;
}

Doctor wallet(VirtualServer& server) {
  return server.call(GetWallet{"d"})->as<DoctorAnswer>()->doctor;
}
Session session_now(VirtualServer& server, const std::string& id) {
  return server.call(GetSession{id})->as<SessionAnswer>()->session;
}

/// A server where session "x" took all units of "s1" (two) and "s2" (so many), and is over.
std::unique_ptr<VirtualServer> payday(std::uint64_t seed, std::int64_t units) {
  auto server = std::make_unique<VirtualServer>(seed, t0);
  server->boot();
  server->call(grant("s1", "p", 2));
  server->call(grant("s2", "p", units));
  server->call(chat("x", "p", "d"));
  server->call(SendMessage{"x", Party::doctor});
  server->advance_to(t0 + 10 * (2 + units) * minute);
  server->settle();
  REQUIRE(session_now(*server, "x").units_used == 2 + units);
  REQUIRE_FALSE(session_now(*server, "x").live());
  return server;
}

std::vector<Record> journal(VirtualServer& server) {
  server.settle();
  return server.storage().rows().events(0, 100'000);
}

/// Walks the wallet through the journal: no withdrawal ever took more than there was.
void check_wallet_history(VirtualServer& server) {
  std::int64_t balance = 0;
  for (const Record& record : journal(server)) {
    if (const auto* requested = std::get_if<WithdrawalRequested>(&record.fact)) {
      REQUIRE(requested->amount.amount <= balance);
    }
    if (const auto entry = wallet_entry(record)) balance += entry->amount.amount;
  }
  REQUIRE(wallet(server).balance() == balance);
}

}  // namespace

TEST_CASE("withdrawals at once never take more than the balance, and all that fits", "[actors]") {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    INFO("seed " << seed);
    const auto server = payday(seed, 3);
    const std::int64_t amount = rate * 5 / std::int64_t(1 + seed % 7);
    std::vector<CallPtr> calls;
    for (int i = 0; i < 12; ++i) calls.push_back(server->issue(withdrawal(i, amount)));
    server->settle();
    const std::size_t fit = std::size_t(5 * rate / amount);
    REQUIRE(granted(calls) == fit);
    for (const CallPtr& call : calls) {
      if (call->as<Refusal>()) REQUIRE(*call->as<Refusal>() == Refusal::insufficient_balance);
    }
    REQUIRE(wallet(*server).pending == std::int64_t(fit) * amount);
    check_wallet_history(*server);
  }
}

TEST_CASE("a withdrawal is moved once, whoever wins", "[actors]") {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    INFO("seed " << seed);
    const auto server = payday(seed, 1);
    REQUIRE_FALSE(refusal_of(server->call(withdrawal(1, 2 * rate))));
    std::vector<CallPtr> approvals, rejections;
    for (int i = 0; i < 3; ++i) {
      approvals.push_back(server->issue(MoveWithdrawal{"w1", WithdrawalStatus::approved}));
      rejections.push_back(server->issue(MoveWithdrawal{"w1", WithdrawalStatus::rejected}));
    }
    const CallPtr unknown = server->issue(MoveWithdrawal{"w9", WithdrawalStatus::approved});
    const CallPtr next = server->issue(withdrawal(2, 2 * rate));
    server->settle();
    REQUIRE(refusal_of(unknown) == Refusal::withdrawal_not_found);
    REQUIRE(granted(approvals) + granted(rejections) == 1);
    const bool rejected = granted(rejections) == 1;
    // What a rejection brought back was there for the other one, or not yet.
    if (!rejected) REQUIRE(refusal_of(next) == Refusal::insufficient_balance);
    const std::int64_t second = refusal_of(next) ? 0 : 2 * rate;
    REQUIRE(wallet(*server).pending == (rejected ? 0 : 2 * rate) + second);
    REQUIRE(granted({server->call(MoveWithdrawal{"w1", WithdrawalStatus::paid})}) == !rejected);
    check_wallet_history(*server);
  }
}

TEST_CASE("refunds at once never give back more than was charged", "[actors]") {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    INFO("seed " << seed);
    const auto server = payday(seed, 3);
    std::vector<CallPtr> calls;
    for (int i = 0; i < 8; ++i) {
      calls.push_back(server->issue(RefundUnits{"x", 1 + std::int64_t(server->pick(3)), "sorry"}));
    }
    server->settle();
    std::int64_t answered = 0;
    for (const CallPtr& call : calls) {
      REQUIRE(call->answer);
      if (const auto* answer = call->as<SessionAnswer>()) {
        answered += answer->refunded;
        REQUIRE(answer->refunded == command_if<RefundUnits>(call->command)->units);
      } else {
        REQUIRE(refusal_of(call) == Refusal::refund_exceeds_charge);
      }
    }
    REQUIRE(answered <= 5);
    REQUIRE(answered >= 3);  // at most two are left when none of three fits
    REQUIRE(session_now(*server, "x").units_refunded == answered);
    const auto back =
        subscription_now(*server, "s1").refunded[0] + subscription_now(*server, "s2").refunded[0];
    REQUIRE(back == answered);
    REQUIRE(wallet(*server).earned == (5 - answered) * rate);
  }
}

TEST_CASE("refunds and withdrawals racing have one order", "[actors]") {
  int debts = 0;
  int refused = 0;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    INFO("seed " << seed);
    const auto server = payday(seed, 3);
    std::vector<CallPtr> withdrawals, refunds;
    for (int i = 0; i < 4; ++i) {
      refunds.push_back(server->issue(RefundUnits{"x", 2, "sorry"}));
      // A refund has the longer way to the doctor: it gets a start, of any length.
      for (auto steps = server->pick(12); steps > 0 && server->step(); --steps) {
      }
      withdrawals.push_back(server->issue(withdrawal(i, 2 * rate)));
    }
    server->settle();
    REQUIRE(granted(refunds) == 2);
    REQUIRE(granted(withdrawals) <= 2);
    const Doctor doctor = wallet(*server);
    REQUIRE(doctor.earned == rate);
    REQUIRE(doctor.pending == std::int64_t(granted(withdrawals)) * 2 * rate);
    debts += doctor.balance() < 0;
    refused += granted(withdrawals) < 2;
    check_wallet_history(*server);
  }
  CHECK(debts > 0);
  CHECK(refused > 0);
}

TEST_CASE("a refund to a subscription that is not in memory lands once", "[actors]") {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    INFO("seed " << seed);
    const auto server = payday(seed, 2);
    server->call(GetSession{"nobody"});
    server->call(GetSession{"nobody-else"});
    const CallPtr refund = server->issue(RefundUnits{"x", 3, "sorry"});
    // Others read and ask for units meanwhile, so that it is loaded at any moment of the refund.
    const CallPtr read = server->issue(GetSubscription{"s1"});
    const CallPtr balance = server->issue(GetBalance{"p"});
    while (!refund->answer) REQUIRE(server->step());
    REQUIRE(refund->as<SessionAnswer>());
    REQUIRE(refund->as<SessionAnswer>()->refunded == 3);
    const CallPtr start = server->issue(chat("y", "p", "d"));
    server->settle();
    REQUIRE_FALSE(refusal_of(start));
    REQUIRE(read->as<SubscriptionAnswer>());
    REQUIRE(balance->as<BalanceAnswer>());
    for (int again = 0; again < 2; ++again) {
      const Subscription s1 = subscription_now(*server, "s1");
      const Subscription s2 = subscription_now(*server, "s2");
      REQUIRE(s1.refunded[0] == 1);
      REQUIRE(s2.refunded[0] == 2);
      REQUIRE(s1.held[0] + s2.held[0] == 1);
      server->crash();
      server->boot();
    }
  }
}

TEST_CASE("a crash leaves a refund to two subscriptions whole or absent", "[actors]") {
  int whole = 0;
  int absent = 0;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    INFO("seed " << seed);
    const auto server = payday(seed, 2);
    const CallPtr refund = server->issue(RefundUnits{"x", 3, "sorry"});
    const CallPtr withdraw = server->issue(withdrawal(1, 4 * rate));
    for (auto steps = server->pick(60); steps > 0 && server->step(); --steps) {
    }
    const bool told = refund->answer.has_value();
    const bool withdrawn = withdraw->as<WithdrawalAnswer>() != nullptr;
    server->crash();
    server->boot();
    const std::int64_t refunded = session_now(*server, "x").units_refunded;
    REQUIRE((refunded == 0 || refunded == 3));
    if (told) REQUIRE(refunded == 3);
    if (withdrawn) REQUIRE(wallet(*server).pending == 4 * rate);
    REQUIRE(subscription_now(*server, "s1").refunded[0] == (refunded == 3 ? 1 : 0));
    REQUIRE(subscription_now(*server, "s2").refunded[0] == (refunded == 3 ? 2 : 0));
    REQUIRE(wallet(*server).earned == (4 - refunded) * rate);
    check_wallet_history(*server);
    whole += refunded == 3;
    absent += refunded == 0;
  }
  CHECK(whole > 20);
  CHECK(absent > 20);
}

}  // namespace toll::tests
