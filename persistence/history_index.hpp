// Which record is the last one of an entity: what is over needs to be kept no longer. Made from a
// first look at the journal. It is only a hint: where it is wrong an entity is missed later, and
// then looked at by itself.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>

#include "billing/facts.hpp"
#include "persistence/group.hpp"
#include "persistence/row_hash.hpp"

namespace toll::persistence {

class HistoryIndex {
 public:
  explicit HistoryIndex(const RowHash& hash) : hash_(hash) {}

  /// Looks at the next group, whose bytes have been checked. False if a record cannot be read.
  bool add(const GroupView& group);

  /// The last record that names the subscription, or refunds units of the session; 0 for none.
  billing::Seq last_of_subscription(std::string_view id) const { return last(hash_(id)); }
  billing::Seq last_refund(std::string_view id) const { return last(~hash_(id)); }

  std::uint64_t sessions() const { return sessions_; }
  billing::Instant newest_at() const { return newest_at_; }  ///< of all records

 private:
  billing::Seq last(std::uint64_t number) const {
    const auto found = last_.find(number);
    return found == last_.end() ? 0 : found->second;
  }

  const RowHash& hash_;
  boost::unordered_flat_map<std::uint64_t, billing::Seq> last_;
  std::uint64_t sessions_ = 0;
  billing::Instant newest_at_ = 0;
};

/// Tells `over` what this record may have been the last one of: subscription(id), session(id) and
/// withdrawal(id).
template <class Over>
void each_over(const billing::Record& record, const HistoryIndex& index, Over&& over) {
  const auto subscription = [&](const std::string& id) {
    if (index.last_of_subscription(id) <= record.seq) over.subscription(id);
  };
  std::visit(
      [&](const auto& fact) {
        using Fact = std::decay_t<decltype(fact)>;
        if constexpr (requires { fact.subscription; }) subscription(fact.subscription);
        if constexpr (requires { fact.taken; }) subscription(fact.taken.subscription);
        if constexpr (requires { fact.hold; }) subscription(fact.hold.subscription);
        if constexpr (requires { fact.payer; }) subscription(fact.payer.subscription);
        if constexpr (std::is_same_v<Fact, billing::Ended> ||
                      std::is_same_v<Fact, billing::Refunded>) {
          if (index.last_refund(fact.session) <= record.seq) over.session(fact.session);
        }
        if constexpr (std::is_same_v<Fact, billing::WithdrawalMoved>) {
          if (fact.status != billing::WithdrawalStatus::approved) over.withdrawal(fact.withdrawal);
        }
      },
      record.fact);
}

}  // namespace toll::persistence
