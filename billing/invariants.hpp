// The invariants of the billing rules as checks that share nothing with the fold: a second set of
// books, kept by plain counting. For `tollctl verify`, simulations and tests.
// Source: docs/RULES.md, "Invariants". Every function answers what is violated, or nothing.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <unordered_map>

#include "billing/facts.hpp"

namespace toll::billing {

using Violation = std::optional<std::string>;

/// What one entity must satisfy by itself.
Violation violation(const Session& session);
Violation violation(const Subscription& subscription);
Violation violation(const Doctor& doctor);

/// What the facts say, counted.
class Books {
 public:
  /// Counts a record, after all those before it. Violations: a version that is not the next one, an
  /// interval taken twice, a charge on a terminal session, a second manual unit, a payer that was
  /// not held, a pay that is not units x rate, a unit that was not there, an unknown entity.
  Violation add(const Record& record);

  /// Whether the folded entity says the same as the books.
  Violation compare(const Session& session) const;
  Violation compare(const Subscription& subscription) const;
  Violation compare(const Doctor& doctor) const;
  Violation compare(const Withdrawal& withdrawal) const;

  /// Every held unit belongs to one live session, and every live session holds one; units taken,
  /// pay and wallets agree in total.
  Violation compare_totals() const;

  std::size_t sessions() const { return sessions_.size(); }
  std::size_t subscriptions() const { return subscriptions_.size(); }
  std::size_t doctors() const { return doctors_.size(); }
  std::int64_t live_sessions() const;
  std::int64_t units_taken() const;
  std::map<Currency, std::int64_t> earned() const;

 private:
  struct SessionBook {
    Version version = 0;
    Channel channel = Channel::text;
    std::string doctor;
    Currency currency;
    std::uint32_t policy_version = 0;
    std::int64_t intervals = 0;  ///< the last one taken or forgiven
    std::int64_t units = 0;
    std::int64_t refunded = 0;
    std::int64_t pay = 0;  ///< less refunds
    bool manual = false;
    std::optional<Hold> hold;  ///< present while the session is live
  };
  struct SubscriptionBook {
    Version version = 0;
    Units granted{};
    Units taken{};
    Units held{};
    Units refunded{};
  };
  struct DoctorBook {
    Version version = 0;
    Currency currency;
    std::int64_t earned = 0;
    std::int64_t pending = 0;
    std::int64_t withdrawn = 0;
  };
  struct WithdrawalBook {
    std::string doctor;
    Money amount;
    WithdrawalStatus status = WithdrawalStatus::requested;
  };

  struct Adder;

  /// The pay of one unit of the session; none if its policy does not know it.
  std::optional<Money> rate(const SessionBook& session) const;

  std::unordered_map<std::string, SessionBook> sessions_;
  std::unordered_map<std::string, SubscriptionBook> subscriptions_;
  std::unordered_map<std::string, DoctorBook> doctors_;
  std::unordered_map<std::string, WithdrawalBook> withdrawals_;
  std::map<std::uint32_t, Policy> policies_;
};

}  // namespace toll::billing
