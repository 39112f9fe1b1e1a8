// Refusals are values: a request that may not be granted is told why, and changes nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace toll::billing {

/// The order is part of the format on disk (persistence/format.hpp): new ones go to the end.
enum class Refusal : std::uint8_t {
  session_not_found,
  subscription_not_found,
  doctor_not_found,
  session_exists,
  no_units,
  patient_busy,
  doctor_busy,
  session_over,
  session_not_active,
  not_a_text_session,
  subscription_exists,
  empty_period,
  too_many_units,
  currency_fixed,
  currency_without_rates,
  refund_exceeds_charge,
  withdrawal_not_found,
  currency_mismatch,
  insufficient_balance,
  invalid_transition,
  idempotency_key_reused,
  forbidden,
  too_many_unbilled,
};

inline constexpr std::size_t refusal_count =
    static_cast<std::size_t>(Refusal::too_many_unbilled) + 1;

/// The code of the problem document; see docs/ARCHITECTURE.md for the HTTP status of each.
std::string_view code(Refusal refusal);

/// One sentence for a person.
std::string_view explain(Refusal refusal);

}  // namespace toll::billing
