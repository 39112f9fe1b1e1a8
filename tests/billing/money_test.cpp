// docs/RULES.md, "Paying the doctor": refunds and withdrawals, and what they leave in a wallet.
#include <catch2/catch.hpp>

#include "billing/assert.hpp"
#include "billing/statement.hpp"
#include "tests/billing/objection.hpp"

namespace toll::tests {

namespace {

/// Three subscriptions of 2, 1 and 9 units, asked in that order; 45 minutes of a call: four units.
World stacked() {
  World world;
  const std::pair<const char*, std::int64_t> sold[] = {{"a", 2}, {"b", 1}, {"c", 9}};
  for (const auto& [id, units] : sold) {
    Granted fact = grant(id, "p", units);
    fact.payment_ref = std::string("paid-") + id;
    world.put(t0, fact);
  }
  world.start(t0, "x", Channel::voice, "p", "d");
  world.activate(t0, "x");
  world.deduct(t0 + minutes(45), "x");
  return world;
}

/// A doctor who earned so many units, in a session that is over: it took all there were.
World earned(std::int64_t units) {
  World world = running(Channel::text, units);
  world.deduct(t0 + minutes(10 * units), "x");
  TOLL_ASSERT(!world.sessions.at("x").live());
  return world;
}

std::int64_t refunded(const World& world, const std::string& subscription) {
  return world.subscriptions.at(subscription).refunded[index(Channel::voice)];
}

const Doctor& wallet(const World& world) { return world.doctors.at("d"); }

std::vector<WalletEntry> entries(const World& world) {
  std::vector<WalletEntry> all;
  for (const Record& record : world.records) {
    if (auto entry = wallet_entry(record)) all.push_back(*entry);
  }
  return all;
}

void check_books(const World& world) {
  CHECK(world.broken_invariant() == "");
  CHECK(objection(world.policies, world.records, world) == "");
}

}  // namespace

TEST_CASE("a refund gives back the newest units first, to where they came from") {
  struct Row {
    std::int64_t units, a, b, c;
    std::size_t records;
  };
  for (const Row& row :
       {Row{1, 0, 0, 1, 1}, Row{2, 0, 1, 1, 2}, Row{3, 1, 1, 1, 3}, Row{4, 2, 1, 1, 3}}) {
    World world = stacked();
    const std::size_t before = world.records.size();
    INFO(row.units << " units");
    CHECK_FALSE(world.refund(t0 + minutes(46), "x", row.units).refusal);
    CHECK(refunded(world, "a") == row.a);
    CHECK(refunded(world, "b") == row.b);
    CHECK(refunded(world, "c") == row.c);
    CHECK(world.records.size() - before == row.records);
    CHECK(world.sessions.at("x").units_used == 4);
    CHECK(world.sessions.at("x").units_refunded == row.units);
    CHECK(world.sessions.at("x").live());
    CHECK(wallet(world).balance() == (4 - row.units) * rate);
    check_books(world);
  }
}

TEST_CASE("refunds go on where the last one stopped, and never beyond what was charged") {
  World world = stacked();
  CHECK(world.refund(t0 + minutes(46), "x", 5).refusal == Refusal::refund_exceeds_charge);
  CHECK_FALSE(world.refund(t0 + minutes(46), "x", 2).refusal);
  CHECK(world.refund(t0 + minutes(46), "x", 3).refusal == Refusal::refund_exceeds_charge);
  CHECK(refunded(world, "a") == 0);
  CHECK_FALSE(world.refund(t0 + minutes(47), "x", 2).refusal);
  CHECK(refunded(world, "a") == 2);
  const std::size_t before = world.records.size();
  CHECK(world.refund(t0 + minutes(48), "x", 1).refusal == Refusal::refund_exceeds_charge);
  CHECK(world.records.size() == before);
  CHECK(world.refund(t0, "nobody", 1).refusal == Refusal::session_not_found);
  check_books(world);
}

TEST_CASE("a refund takes what is due first; a session goes on charging after it") {
  World world = stacked();
  CHECK_FALSE(world.refund(t0 + minutes(50), "x", 5).refusal);  // the fifth is due just then
  CHECK(world.sessions.at("x").runs.empty());
  world.deduct(t0 + minutes(60), "x");
  CHECK(world.sessions.at("x").units_used == 6);
  // The next unit had been held before the refund; what was given back is older, so it is next.
  CHECK(world.sessions.at("x").hold->subscription == "a");
  world.end(t0 + minutes(61, 1), "x");
  check_books(world);
}

TEST_CASE("a refund of a session that is over revives nothing") {
  World world = earned(3);
  const Instant ended = *world.sessions.at("x").ended_at;
  CHECK_FALSE(world.refund(t0 + days(1), "x", 2).refusal);
  const Session& session = world.sessions.at("x");
  CHECK(session.status == Status::ended);
  CHECK(session.ended_at == ended);
  CHECK_FALSE(session.hold);
  CHECK(world.subscriptions.at("s1").free(Channel::text) == 2);
  check_books(world);
}

TEST_CASE("units given back to an expired or disabled subscription are recorded and unusable") {
  World world = earned(2);
  SECTION("expired") {
    CHECK_FALSE(world.refund(t0 + days(31), "x", 1).refusal);
    CHECK(world.start(t0 + days(31), "y", Channel::text, "p", "d").refusal == Refusal::no_units);
  }
  SECTION("disabled") {
    Change off;
    off.enabled = false;
    world.patch(t0 + minutes(30), "s1", off);
    CHECK_FALSE(world.refund(t0 + minutes(31), "x", 1).refusal);
    CHECK(world.start(t0 + minutes(31), "y", Channel::text, "p", "d").refusal == Refusal::no_units);
  }
  CHECK(world.subscriptions.at("s1").refunded[index(Channel::text)] == 1);
  check_books(world);
}

TEST_CASE("each unit given back is a line of its own, each record an entry with its payment") {
  World world = stacked();
  world.refund(t0 + minutes(46), "x", 4);
  std::vector<StatementLine> lines;
  for (const Record& record : world.records) {
    for (const StatementLine& line : statement_lines(record)) {
      if (line.kind == LineKind::refund) lines.push_back(line);
    }
  }
  REQUIRE(lines.size() == 4);
  const std::string from[] = {"c", "b", "a", "a"};
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(lines[i].subscription == from[i]);
    CHECK(lines[i].units == 1);
    CHECK(lines[i].pay == mwk(-rate));
    CHECK_FALSE(lines[i].interval);
    CHECK(lines[i].at == t0 + minutes(46));
  }
  const auto all = entries(world);
  REQUIRE(all.size() >= 3);
  const WalletEntry& last = all.back();
  CHECK(last.kind == EntryKind::refund);
  CHECK(last.amount == mwk(-2 * rate));
  CHECK(last.units == 2);
  CHECK(last.session == "x");
  CHECK(last.subscription == "a");
  CHECK(last.payment_ref == "paid-a");
}

TEST_CASE("a withdrawal moves only from requested to approved or rejected, and on to paid") {
  using W = WithdrawalStatus;
  constexpr W all[] = {W::requested, W::approved, W::rejected, W::paid};
  constexpr bool allowed[4][4] = {{false, true, true, false},
                                  {false, false, false, true},
                                  {false, false, false, false},
                                  {false, false, false, false}};
  for (const W from : all) {
    for (const W to : all) {
      INFO(name(from) << " -> " << name(to));
      World world = earned(2);
      world.withdraw(t0 + days(1), "d", "w", mwk(rate));
      if (from == W::approved || from == W::paid) world.move(t0 + days(1), "w", W::approved);
      if (from == W::rejected || from == W::paid) world.move(t0 + days(1), "w", from);
      REQUIRE(world.withdrawals.at("w").status == from);
      const std::size_t before = world.records.size();
      const Done done = world.move(t0 + days(2), "w", to);
      const bool may = allowed[static_cast<int>(from)][static_cast<int>(to)];
      CHECK(done.refusal == (may ? std::optional<Refusal>() : Refusal::invalid_transition));
      CHECK(world.records.size() - before == (may ? 1 : 0));
      const W now = may ? to : from;
      CHECK(world.withdrawals.at("w").status == now);
      CHECK(world.withdrawals.at("w").changed_at == t0 + days(may ? 2 : 1));
      CHECK(wallet(world).pending == (now == W::requested || now == W::approved ? rate : 0));
      CHECK(wallet(world).withdrawn == (now == W::paid ? rate : 0));
      CHECK(wallet(world).balance() == (now == W::rejected ? 2 * rate : rate));
      CHECK(wallet(world).earned == 2 * rate);
      check_books(world);
    }
  }
  World world = earned(1);
  CHECK(world.move(t0, "nothing", W::approved).refusal == Refusal::withdrawal_not_found);
}

TEST_CASE("a withdrawal takes up to the balance, in the wallet's currency") {
  World world = earned(2);
  const std::size_t before = world.records.size();
  CHECK(world.withdraw(t0, "nobody", "w", mwk(1)).refusal == Refusal::doctor_not_found);
  CHECK(world.withdraw(t0, "d", "w", {1, {{'U', 'S', 'D'}}}).refusal == Refusal::currency_mismatch);
  CHECK(world.withdraw(t0, "d", "w", mwk(2 * rate + 1)).refusal == Refusal::insufficient_balance);
  CHECK(world.records.size() == before);
  CHECK_FALSE(world.withdraw(t0 + days(1), "d", "w", mwk(2 * rate)).refusal);
  CHECK(wallet(world).balance() == 0);
  CHECK(world.withdraw(t0, "d", "w2", mwk(1)).refusal == Refusal::insufficient_balance);
  // Neither an approval nor a payment takes it twice.
  world.move(t0 + days(1), "w", WithdrawalStatus::approved);
  world.move(t0 + days(1), "w", WithdrawalStatus::paid);
  CHECK(wallet(world).balance() == 0);
  check_books(world);
}

TEST_CASE("what was refunded after it was withdrawn is a debt that later earnings pay first") {
  World world = earned(3);
  world.withdraw(t0 + days(1), "d", "w", mwk(3 * rate));
  world.refund(t0 + days(1), "x", 2);
  CHECK(wallet(world).balance() == -2 * rate);
  CHECK(world.withdraw(t0, "d", "w2", mwk(1)).refusal == Refusal::insufficient_balance);
  check_books(world);
  world.put(t0, grant("more", "p", 5));
  world.start(t0 + days(1), "y", Channel::text, "p", "d");
  world.activate(t0 + days(1), "y");
  world.deduct(t0 + days(1) + minutes(20), "y");
  CHECK(wallet(world).balance() == 0);
  CHECK(world.withdraw(t0, "d", "w2", mwk(1)).refusal == Refusal::insufficient_balance);
  world.deduct(t0 + days(1) + minutes(30), "y");
  CHECK_FALSE(world.withdraw(t0 + days(1), "d", "w2", mwk(rate)).refusal);
  // A rejection of the first brings its money back.
  world.move(t0 + days(2), "w", WithdrawalStatus::rejected);
  CHECK(wallet(world).balance() == 3 * rate);
  check_books(world);
}

TEST_CASE("entries of withdrawals: out at the request, in at a rejection, none otherwise") {
  World world = earned(2);
  world.withdraw(t0 + days(1), "d", "w1", mwk(rate));
  world.withdraw(t0 + days(1), "d", "w2", mwk(5));
  world.move(t0 + days(2), "w1", WithdrawalStatus::approved);
  world.move(t0 + days(2), "w2", WithdrawalStatus::rejected);
  world.move(t0 + days(3), "w1", WithdrawalStatus::paid);
  const auto all = entries(world);
  REQUIRE(all.size() >= 3);
  std::int64_t sum = 0;
  for (const WalletEntry& entry : all) sum += entry.amount.amount;
  CHECK(sum == wallet(world).balance());
  const auto tail = all.end() - 3;
  CHECK(tail[0].kind == EntryKind::withdrawal);
  CHECK(tail[0].amount == mwk(-rate));
  CHECK(tail[1].amount == mwk(-5));
  CHECK(tail[2].kind == EntryKind::withdrawal_rejected);
  CHECK(tail[2].amount == mwk(5));
  CHECK(tail[2].session.empty());
  CHECK(tail[2].units == 0);
}

}  // namespace toll::tests
