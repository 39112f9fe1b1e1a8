#include "billing/facts.hpp"

#include <array>

namespace toll::billing {

std::string_view name(WithdrawalStatus status) {
  static constexpr std::array<std::string_view, 4> names{"requested", "approved", "rejected",
                                                         "paid"};
  return names[static_cast<std::size_t>(status)];
}

bool may_move(WithdrawalStatus from, WithdrawalStatus to) {
  if (from == WithdrawalStatus::approved) return to == WithdrawalStatus::paid;
  return from == WithdrawalStatus::requested &&
         (to == WithdrawalStatus::approved || to == WithdrawalStatus::rejected);
}

std::string_view name(const Fact& fact) {
  static constexpr std::array<std::string_view, std::variant_size_v<Fact>> names{
      "granted",
      "changed",
      "topped_up",
      "doctor_registered",
      "created",
      "deadline_set",
      "activated",
      "charged",
      "forgiven",
      "ended",
      "policy_recorded",
      "outage_began",
      "ready",
      "withdrawal_requested",
      "withdrawal_moved",
      "refunded",
      "batch_answered",
      "clock_advanced",
      "history_given_up",
      "clock_accepted",
      "clock_resumed",
      "outage_judged"};
  if (const auto* ended = std::get_if<Ended>(&fact)) return name(ended->status);
  if (const auto* moved = std::get_if<WithdrawalMoved>(&fact)) {
    static constexpr std::array<std::string_view, 4> moves{
        "withdrawal_requested", "withdrawal_approved", "withdrawal_rejected", "withdrawal_paid"};
    return moves[static_cast<std::size_t>(moved->status)];
  }
  return names[fact.index()];
}

}  // namespace toll::billing
