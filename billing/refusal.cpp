#include "billing/refusal.hpp"

#include <array>

namespace toll::billing {

namespace {

struct Words {
  std::string_view code;
  std::string_view sentence;
};

constexpr std::array<Words, refusal_count> words{{
    {"session_not_found", "There is no session with this id."},
    {"subscription_not_found", "There is no subscription with this id."},
    {"doctor_not_found", "There is no doctor with this id."},
    {"session_exists", "Another session with this id exists already."},
    {"no_units", "The patient has no free unit on this channel."},
    {"patient_busy", "The patient has a live session of this kind already."},
    {"doctor_busy", "The doctor has a live session already."},
    {"session_over", "The session is over."},
    {"session_not_active", "The session is not active."},
    {"invalid_request", "Only text sessions have messages."},
    {"subscription_exists", "Another subscription with this id exists already."},
    {"invalid_request", "/ends_at must be later than starts_at."},
    {"too_many_units", "A channel of a subscription holds at most 1000000000 units in all."},
    {"currency_fixed", "The currency is fixed once a session names the doctor."},
    {"invalid_request", "/currency has no rates in the billing policy."},
    {"refund_exceeds_charge", "The session was not charged that many units that are not refunded."},
    {"withdrawal_not_found", "There is no withdrawal with this id."},
    {"currency_mismatch", "The wallet has another currency."},
    {"insufficient_balance", "The balance of the wallet is lower than the amount."},
    {"invalid_transition", "The withdrawal is in a state from which it cannot do this."},
    {"idempotency_key_reused", "The idempotency key belongs to another request."},
    {"forbidden", "This is not for the holder of this token."},
    {"too_many_unbilled", "Sessions that were not billed kept this doctor busy for too long."},
}};

}  // namespace

std::string_view code(Refusal refusal) { return words[static_cast<std::size_t>(refusal)].code; }
std::string_view explain(Refusal refusal) {
  return words[static_cast<std::size_t>(refusal)].sentence;
}

}  // namespace toll::billing
