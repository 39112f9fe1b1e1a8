// What records say to the people concerned: statement lines for the patient, entries for the
// doctor.
#pragma once

#include <vector>

#include "billing/facts.hpp"

namespace toll::billing {

enum class LineKind : std::uint8_t { interval, manual, refund, forgiven };
std::string_view name(LineKind kind);

/// Why one unit was charged, or given back (negative pay), or one interval forgiven (units 0, no
/// subscription).
struct StatementLine {
  Seq seq = 0;
  Instant at = 0;  ///< when charged, which is never before the boundary
  LineKind kind = LineKind::interval;
  std::optional<std::int64_t> interval;  ///< absent for a manual unit
  std::int64_t units = 0;
  std::optional<std::string> subscription;
  Money pay;
  std::string triggered_by;
};

/// One line per unit, in order; none for records that charge nothing. A Forgiven line has no pay
/// amount and the default currency: the caller knows the session's.
std::vector<StatementLine> statement_lines(const Record& record);

enum class EntryKind : std::uint8_t { earning, withdrawal, withdrawal_rejected, refund };
std::string_view name(EntryKind kind);

/// One movement of a wallet. The amounts of a doctor's entries sum to the balance.
struct WalletEntry {
  Seq seq = 0;
  Instant at = 0;
  EntryKind kind = EntryKind::earning;
  Money amount;  ///< signed
  std::string doctor;
  std::string session;       ///< empty for a withdrawal
  std::string subscription;  ///< empty for a withdrawal
  std::int64_t units = 0;
  std::optional<std::string> payment_ref;
};

/// The movement that this record makes, if any: at most one (see Charged).
std::optional<WalletEntry> wallet_entry(const Record& record);

}  // namespace toll::billing
