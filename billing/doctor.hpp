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

}  // namespace toll::billing
