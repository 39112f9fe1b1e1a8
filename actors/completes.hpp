// Which record is the last one that is written for a command, and so carries the idempotency key of
// its request (rule 8).
#pragma once

#include "actors/command.hpp"

namespace toll::actors {

/// The table: a fact, and the commands for which nothing more is written after it. Of several such
/// facts in one change, such as the charges of two payers, the last one completes the command.
struct Completes {
  const Command& command;

  template <class... These>
  bool is() const {
    return (std::holds_alternative<These>(command) || ...);
  }

  bool operator()(const billing::Created&) const { return is<StartSession>(); }
  bool operator()(const billing::DeadlineSet&) const { return is<SendMessage>(); }
  bool operator()(const billing::Activated&) const { return is<SendMessage, ActivateSession>(); }
  /// A session that has something to charge is active: then nothing follows for these.
  bool operator()(const billing::Charged&) const {
    return is<StartSession, SendMessage, ActivateSession, DeductUnits>();
  }
  /// Any other request goes on, or is refused because the session is over.
  bool operator()(const billing::Ended& fact) const {
    const bool exhausted = fact.end_reason == billing::EndReason::exhausted;
    return is<StartSession, EndSession>() || (exhausted && is<DeductUnits>());
  }
  bool operator()(const billing::Refunded&) const { return is<RefundUnits>(); }
  bool operator()(const billing::Granted&) const { return is<PutSubscription>(); }
  bool operator()(const billing::Changed&) const { return is<PatchSubscription>(); }
  bool operator()(const billing::ToppedUp&) const { return is<TopUpSubscription>(); }
  bool operator()(const billing::DoctorRegistered&) const { return is<PutDoctor>(); }
  bool operator()(const billing::WithdrawalRequested&) const { return is<RequestWithdrawal>(); }
  bool operator()(const billing::WithdrawalMoved&) const { return is<MoveWithdrawal>(); }
  bool operator()(const billing::BatchAnswered&) const { return is<DeductBatch>(); }
  bool operator()(const billing::ClockAdvanced&) const { return is<AdvanceClock>(); }
  bool operator()(const auto&) const { return false; }
};

}  // namespace toll::actors
