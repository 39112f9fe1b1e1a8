// Money back and money out, as the model sees them.
#include "tests/support/model.hpp"

namespace toll::model {

Outcome Model::refund(Ms at, const std::string& id, Count units) {
  Session* const session = find(id);
  if (!session) return refused("session_not_found");
  Outcome outcome;
  outcome.deducted = settle(at, *session);
  Count left = 0;
  for (const Taking& taking : takings_) left += taking.session == id && !taking.refunded;
  if (units > left) return refused("refund_exceeds_charge");
  for (auto taking = takings_.rbegin(); units > 0; ++taking) {
    if (taking->session != id || taking->refunded) continue;
    taking->refunded = true;
    --units;
  }
  return outcome;
}

Outcome Model::withdraw(const std::string& id, const std::string& doctor, Count amount,
                        const std::string& currency) {
  if (!doctors_.contains(doctor)) return refused("doctor_not_found");
  if (doctors_.at(doctor) != currency) return refused("currency_mismatch");
  if (amount > wallet(doctor).balance()) return refused("insufficient_balance");
  withdrawals_[id] = {doctor, amount, "requested"};
  return {};
}

Outcome Model::move_withdrawal(const std::string& id, const std::string& to) {
  const auto found = withdrawals_.find(id);
  if (found == withdrawals_.end()) return refused("withdrawal_not_found");
  const std::string from = found->second.status;
  const bool may = (from == "requested" && (to == "approved" || to == "rejected")) ||
                   (from == "approved" && to == "paid");
  if (!may) return refused("invalid_transition");
  found->second.status = to;
  return {};
}

WalletView Model::wallet(const std::string& doctor) const {
  WalletView view{doctors_.at(doctor)};
  for (const Taking& taking : takings_) {
    if (taking.doctor == doctor && !taking.refunded) view.earned += taking.pay;
  }
  for (const auto& [id, withdrawal] : withdrawals_) {
    if (withdrawal.doctor != doctor) continue;
    if (withdrawal.status == "paid") view.withdrawn += withdrawal.amount;
    if (withdrawal.status == "requested" || withdrawal.status == "approved") {
      view.pending += withdrawal.amount;
    }
  }
  return view;
}

std::string Model::withdrawal(const std::string& id) const {
  const auto found = withdrawals_.find(id);
  return found == withdrawals_.end() ? "" : found->second.status;
}

}  // namespace toll::model
