#include <algorithm>

#include "billing/assert.hpp"
#include "billing/decide.hpp"

namespace toll::billing {

Decision<std::vector<Refunded>> refund(const Moment& moment, std::int64_t units,
                                       const std::string& reason) {
  const Session& session = moment.session;
  TOLL_ASSERT(units >= 1);
  if (units > session.units_used - session.units_refunded) return Refusal::refund_exceeds_charge;
  const Money rate = moment.policy.rate(session.currency, session.channel);
  std::vector<Refunded> facts;
  for (auto run = session.runs.rbegin(); units > 0; ++run) {
    TOLL_ASSERT(run != session.runs.rend());
    const std::int64_t part = std::min(units, run->units);
    facts.push_back({session.id,
                     session.version + 1 + facts.size(),
                     session.channel,
                     {run->subscription, run->payment_ref},
                     part,
                     session.doctor,
                     {checked_mul(part, rate.amount), rate.currency},
                     reason});
    units -= part;
  }
  return facts;
}

Decision<WithdrawalRequested> request_withdrawal(const Doctor& doctor,
                                                 const std::string& withdrawal,
                                                 const Money& amount) {
  TOLL_ASSERT(amount.amount >= 1);
  if (amount.currency != doctor.currency) return Refusal::currency_mismatch;
  if (amount.amount > doctor.balance()) return Refusal::insufficient_balance;
  return WithdrawalRequested{withdrawal, doctor.id, doctor.version + 1, amount};
}

Decision<WithdrawalMoved> move_withdrawal(const Doctor& doctor, const Withdrawal& withdrawal,
                                          WithdrawalStatus to) {
  if (!may_move(withdrawal.status, to)) return Refusal::invalid_transition;
  return WithdrawalMoved{withdrawal.id, doctor.id, doctor.version + 1, to, withdrawal.amount};
}

}  // namespace toll::billing
