// Random sequences of charges, refunds and withdrawals against plain counting.
#include <rapidcheck.h>

#include <catch2/catch.hpp>

#include "billing/statement.hpp"
#include "tests/billing/compare.hpp"
#include "tests/billing/objection.hpp"

namespace toll::tests {

namespace {

/// A doctor with one session after another, and what a clerk with a pencil would say.
class Clerk {
 public:
  Clerk() {
    for (int i = 0; i < 3; ++i) world.put(t0, grant("s" + std::to_string(i), "p", 4));
    Granted rest = grant("t", "p", 1000);
    rest.starts_at = t0 + 1;
    world.put(t0, rest);
    open(t0 + 1);
  }

  void play(const Step& step) {
    now_ += minutes(step.ahead % 25);
    switch (step.kind % 6) {
      case 0:
        return charge();
      case 1:
        return refund("x" + std::to_string(step.a % (sessions_ + 1)), 1 + step.b % 6);
      case 2:
      case 3:
        return withdraw(1 + (step.a % 4) * rate + step.b % 2);
      case 4:
        return move(step.a, static_cast<WithdrawalStatus>(step.b % 4));
      default:
        charge();
        world.end(now_, session());
        return open(now_);
    }
  }

  /// What is wrong, empty when the books balance.
  std::string fault() const {
    if (!world.doctors.contains("d")) return "no doctor";
    const Doctor& doctor = world.doctors.at("d");
    std::int64_t entries = 0;
    for (const Record& record : world.records) {
      if (const auto entry = wallet_entry(record)) entries += entry->amount.amount;
    }
    std::int64_t taken = 0;
    std::int64_t back = 0;
    for (const auto& [id, session] : world.sessions) {
      taken += session.units_used;
      back += session.units_refunded;
    }
    if (back != refunded_) return "units refunded";
    if (doctor.earned != (taken - back) * rate) return "earned";
    if (doctor.pending != pending_ || doctor.withdrawn != paid_) return "withdrawals";
    if (doctor.balance() != doctor.earned - pending_ - paid_) return "balance";
    if (doctor.balance() != entries) return "sum of the entries";
    if (doctor.balance() < 0 && refunded_ == 0) return "a debt without a refund";
    const std::string broken = world.broken_invariant();
    return broken.empty() ? objection(world.policies, world.records, world) : broken;
  }

  World world;

 private:
  std::string session() const { return "x" + std::to_string(sessions_); }
  void open(Instant at) {
    ++sessions_;
    RC_ASSERT(world.start(at, session(), Channel::text, "p", "d").created);
    world.activate(at, session());
  }
  void charge() { world.deduct(now_, session()); }
  void refund(const std::string& id, std::int64_t units) {
    charge();
    if (!world.sessions.contains(id)) return;
    const Session before = world.sessions.at(id);
    const bool fits = units <= before.units_used - before.units_refunded;
    RC_ASSERT(world.refund(now_, id, units).refusal.has_value() == !fits);
    if (fits) refunded_ += units;
  }
  void withdraw(std::int64_t amount) {
    const bool fits = amount <= world.doctors.at("d").balance();
    const std::string id = "w" + std::to_string(world.withdrawals.size());
    RC_ASSERT(world.withdraw(now_, "d", id, mwk(amount)).refusal.has_value() == !fits);
    if (fits) pending_ += amount;
  }
  void move(unsigned which, WithdrawalStatus to) {
    if (world.withdrawals.empty()) return;
    const std::string id = "w" + std::to_string(which % world.withdrawals.size());
    const std::int64_t amount = world.withdrawals.at(id).amount.amount;
    if (world.move(now_, id, to).refusal || to == WithdrawalStatus::approved) return;
    pending_ -= amount;
    if (to == WithdrawalStatus::paid) paid_ += amount;
  }

  Instant now_ = t0 + 1;
  int sessions_ = 0;
  std::int64_t refunded_ = 0, pending_ = 0, paid_ = 0;
};

}  // namespace

TEST_CASE("property: however money moves, balance = earned - withdrawn - pending = entries") {
  CHECK(rc::check([](const std::vector<Step>& steps) {
    Clerk clerk;
    for (const Step& step : steps) {
      clerk.play(step);
      const std::string fault = clerk.fault();
      if (!fault.empty()) RC_FAIL(fault);
    }
    const World again = clerk.world.after_crash(clerk.world.records.size());
    RC_ASSERT(again.doctors == clerk.world.doctors);
    RC_ASSERT(again.withdrawals == clerk.world.withdrawals);
    RC_ASSERT(again.sessions == clerk.world.sessions);
    RC_ASSERT(again.subscriptions == clerk.world.subscriptions);
  }));
}

}  // namespace toll::tests
