// docs/RULES.md, "Paying the doctor": entries and statement lines, and what they add up to.
#include "billing/statement.hpp"

#include <catch2/catch.hpp>

#include "tests/billing/world.hpp"

namespace toll::tests {

namespace {

/// One unit on "older" (paid by "receipt-1"), nine on "newer": 25 minutes, two deductions, hang-up.
World stacked_call() {
  World world;
  Granted older = grant("older", "p", 1);
  older.payment_ref = "receipt-1";
  world.put(t0, older);
  Granted newer = grant("newer", "p", 9);
  newer.starts_at = t0 + 1;
  world.put(t0, newer);
  world.start(t0 + 1, "x", Channel::voice, "p", "d");
  world.activate(t0 + 1, "x");
  world.deduct(t0 + minutes(20, 1), "x", "scheduler");
  world.end(t0 + minutes(25), "x");
  return world;
}

std::vector<StatementLine> all_lines(const World& world) {
  std::vector<StatementLine> lines;
  for (const Record& record : world.records) {
    for (StatementLine& line : statement_lines(record)) lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace

TEST_CASE("a statement has one line per unit, with its reason") {
  const World world = stacked_call();
  const auto lines = all_lines(world);
  REQUIRE(lines.size() == 3);
  CHECK(lines[0].kind == LineKind::interval);
  CHECK(lines[0].interval == 1);
  CHECK(lines[0].subscription == "older");
  CHECK(lines[0].at == t0 + minutes(20, 1));
  CHECK(lines[0].triggered_by == "scheduler");
  CHECK(lines[1].interval == 2);
  CHECK(lines[1].subscription == "newer");
  CHECK(lines[2].kind == LineKind::manual);
  CHECK_FALSE(lines[2].interval);
  for (const StatementLine& line : lines) {
    CHECK(line.units == 1);
    CHECK(line.pay == Money{350'000, default_currency});
  }
}

TEST_CASE("a deduction from two subscriptions is two entries with their payment references") {
  const World world = stacked_call();
  std::vector<WalletEntry> entries;
  for (const Record& record : world.records) {
    if (auto entry = wallet_entry(record)) entries.push_back(*entry);
  }
  REQUIRE(entries.size() == 3);
  CHECK(entries[0].subscription == "older");
  CHECK(entries[0].payment_ref == "receipt-1");
  CHECK(entries[1].subscription == "newer");
  CHECK_FALSE(entries[1].payment_ref);
  std::int64_t sum = 0;
  for (const WalletEntry& entry : entries) {
    CHECK(entry.kind == EntryKind::earning);
    CHECK(entry.doctor == "d");
    CHECK(entry.session == "x");
    sum += entry.amount.amount;
  }
  CHECK(sum == world.doctors.at("d").balance());
}

TEST_CASE("several units of one record are as many lines and one entry") {
  World world = running(Channel::text, 9);
  world.deduct(t0 + minutes(30), "x");
  const auto lines = statement_lines(world.records.back());
  REQUIRE(lines.size() == 3);
  for (std::int64_t i = 0; i < 3; ++i) CHECK(lines[i].interval == i + 1);
  CHECK(lines[2].pay.amount == 350'000);
  const auto entry = wallet_entry(world.records.back());
  REQUIRE(entry);
  CHECK(entry->units == 3);
  CHECK(entry->amount.amount == 1'050'000);
}

TEST_CASE("an exhausted session's last line names its interval") {
  World world = running(Channel::text, 1);
  world.deduct(t0 + minutes(10), "x");
  const auto lines = statement_lines(world.records.back());
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].kind == LineKind::interval);
  CHECK(lines[0].interval == 1);
  CHECK(wallet_entry(world.records.back())->units == 1);
}

TEST_CASE("forgiven intervals are lines without units, payer or pay, and no entry") {
  Policy policy;
  policy.downtime.cap = 0;
  World world = running(Channel::text, 9, policy);
  world.begin_outage(t0, t0 + minutes(25));
  world.wake(t0 + minutes(25), "x");
  const auto lines = statement_lines(world.records.back());
  REQUIRE(lines.size() == 2);
  CHECK(lines[1].kind == LineKind::forgiven);
  CHECK(lines[1].interval == 2);
  CHECK(lines[1].units == 0);
  CHECK_FALSE(lines[1].subscription);
  CHECK(lines[1].pay.amount == 0);
  CHECK_FALSE(wallet_entry(world.records.back()));
}

TEST_CASE("an end that takes nothing is on no statement and in no wallet") {
  World world = running(Channel::voice, 9);
  world.end(t0 + seconds(59), "x");
  CHECK(statement_lines(world.records.back()).empty());
  CHECK_FALSE(wallet_entry(world.records.back()));
}

TEST_CASE("the runs of a session say where its units came from, in order") {
  const World world = stacked_call();
  const std::vector<Run> expected{{"older", "receipt-1", 1}, {"newer", "", 2}};
  CHECK(world.sessions.at("x").runs == expected);
}

TEST_CASE("kinds and facts have the names of the API") {
  CHECK(name(LineKind::interval) == "interval");
  CHECK(name(LineKind::manual) == "manual");
  CHECK(name(LineKind::refund) == "refund");
  CHECK(name(LineKind::forgiven) == "forgiven");
  CHECK(name(EntryKind::earning) == "earning");
  CHECK(name(EntryKind::withdrawal) == "withdrawal");
  CHECK(name(EntryKind::withdrawal_rejected) == "withdrawal_rejected");
  CHECK(name(EntryKind::refund) == "refund");
  CHECK(name(Fact{Granted{}}) == "granted");
  CHECK(name(Fact{Charged{}}) == "charged");
  CHECK(name(Fact{Ready{}}) == "ready");
  CHECK(name(Fact{OutageJudged{}}) == "outage_judged");
  Ended missed;
  missed.status = Status::missed;
  CHECK(name(Fact{missed}) == "missed");
  CHECK(name(Fact{Ended{}}) == "ended");
}

}  // namespace toll::tests
