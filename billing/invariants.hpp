// The invariants of the billing rules as checks that share nothing with the fold: a second set of
// books, kept by plain counting. For `tollctl verify`, simulations and tests.
// Source: docs/RULES.md, "Invariants". Every function answers what is violated, or nothing.
#pragma once

#include <functional>
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

/// What books come to in total. Those of parts of all entities add up.
struct BookTotals {
  std::size_t sessions = 0;
  std::size_t subscriptions = 0;
  std::size_t doctors = 0;
  std::int64_t live_sessions = 0;
  std::int64_t units_of_sessions = 0;
  std::int64_t units_taken = 0;  ///< from subscriptions
  std::map<Currency, std::int64_t> pay;
  std::map<Currency, std::int64_t> earned;  ///< by doctors
  /// A sum over all units that live sessions hold, less one over all that are held on
  /// subscriptions, of numbers that tell subscription and channel.
  std::uint64_t held = 0;

  void add(const BookTotals& other);
  void subtract(const BookTotals& other);

  /// Units taken, pay and wallets agree, and the held units are those of the live sessions.
  Violation violation() const;
};

/// What the facts say, counted.
class Books {
 public:
  /// Of the entities whose ids `concerns` accepts; without it, of all.
  explicit Books(std::function<bool(const std::string&)> concerns = {})
      : concerns_(std::move(concerns)) {}

  /// Books that begin later than with the first record: what an entity, which has no books yet, was
  /// before the records that are counted. Policies come first. totals() is what came since.
  void open(const Session& session);
  void open(const Subscription& subscription);
  void open(const Doctor& doctor);
  void open(const Withdrawal& withdrawal);
  void open(std::uint32_t version, const Policy& policy) { policies_.emplace(version, policy); }

  bool has_session(const std::string& id) const { return sessions_.contains(id); }
  bool has_subscription(const std::string& id) const { return subscriptions_.contains(id); }
  bool has_doctor(const std::string& id) const { return doctors_.contains(id); }
  bool has_withdrawal(const std::string& id) const { return withdrawals_.contains(id); }

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

  /// Gives the books of an entity that no record will change any more to `closed`, if the entity is
  /// known, and the session or withdrawal is over. They still count in totals().
  void close_session(const std::string& id, Books& closed);
  void close_subscription(const std::string& id, Books& closed);
  void close_withdrawal(const std::string& id, Books& closed);

  /// Of all entities so far, less what they were when they were opened.
  BookTotals totals() const;

  /// How many entities have books here, those closed not counted.
  std::size_t open() const {
    return sessions_.size() + subscriptions_.size() + doctors_.size() + withdrawals_.size();
  }

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

  bool mine(const std::string& id) const { return !concerns_ || concerns_(id); }
  static void count(BookTotals& totals, const SessionBook& book);
  static void count(BookTotals& totals, const std::string& id, const SubscriptionBook& book);

  /// The pay of one unit of the session; none if its policy does not know it.
  std::optional<Money> rate(const SessionBook& session) const;

  std::function<bool(const std::string&)> concerns_;
  BookTotals opened_, closed_;
  std::unordered_map<std::string, SessionBook> sessions_;
  std::unordered_map<std::string, SubscriptionBook> subscriptions_;
  std::unordered_map<std::string, DoctorBook> doctors_;
  std::unordered_map<std::string, WithdrawalBook> withdrawals_;
  std::map<std::uint32_t, Policy> policies_;
};

}  // namespace toll::billing
