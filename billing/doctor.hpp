// A doctor and the wallet: an integer balance in one currency, fed by deductions.
#pragma once

#include "billing/types.hpp"

namespace toll::billing {

struct Doctor {
  std::string id;
  Version version = 0;
  Currency currency;
  bool named = false;          ///< a session names the doctor: the currency is fixed
  std::int64_t earned = 0;     ///< net of refunds, minor units
  std::int64_t withdrawn = 0;  ///< paid out
  std::int64_t pending = 0;    ///< requested or approved withdrawals
  std::int64_t balance() const { return earned - withdrawn - pending; }
  bool operator==(const Doctor&) const = default;
};

enum class WithdrawalStatus : std::uint8_t { requested, approved, rejected, paid };
std::string_view name(WithdrawalStatus status);

/// requested -> approved -> paid, requested -> rejected; nothing else.
bool may_move(WithdrawalStatus from, WithdrawalStatus to);

/// Money on its way out of a wallet.
struct Withdrawal {
  std::string id;
  std::string doctor;
  Money amount;
  WithdrawalStatus status = WithdrawalStatus::requested;
  Instant requested_at = 0;
  Instant changed_at = 0;
  bool operator==(const Withdrawal&) const = default;
};

}  // namespace toll::billing
