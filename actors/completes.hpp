// Which record is the last one that is written for a command, and so carries the idempotency key of
// its request (rule 8).
#pragma once

#include "actors/command.hpp"

namespace toll::actors {

template <class... These>
bool is(const auto& command) {
  return (std::holds_alternative<These>(command) || ...);
}

/// The table: a fact, and the commands for which nothing more is written after it. Of several such
/// facts in one change, such as the charges of two payers, the last one completes the command.
struct Completes {
  using Session = const SessionCommand&;
  using Subscription = const SubscriptionCommand&;
  using Doctor = const DoctorCommand&;

  bool operator()(const billing::Created&, Session c) { return is<StartSession>(c); }
  bool operator()(const billing::DeadlineSet&, Session c) { return is<SendMessage>(c); }
  bool operator()(const billing::Activated&, Session c) {
    return is<SendMessage, ActivateSession>(c);
  }
  /// A session that has something to charge is active: then nothing follows for these.
  bool operator()(const billing::Charged&, Session c) {
    return is<StartSession, SendMessage, ActivateSession, DeductUnits>(c);
  }
  /// Any other request goes on, or is refused because the session is over.
  bool operator()(const billing::Ended& fact, Session c) {
    const bool exhausted = fact.end_reason == billing::EndReason::exhausted;
    return is<StartSession, EndSession>(c) || (exhausted && is<DeductUnits>(c));
  }
  bool operator()(const billing::Refunded&, Session c) { return is<RefundUnits>(c); }
  bool operator()(const billing::Granted&, Subscription c) { return is<PutSubscription>(c); }
  bool operator()(const billing::Changed&, Subscription c) { return is<PatchSubscription>(c); }
  bool operator()(const billing::ToppedUp&, Subscription c) { return is<TopUpSubscription>(c); }
  bool operator()(const billing::WithdrawalRequested&, Doctor c) {
    return is<RequestWithdrawal>(c);
  }
  bool operator()(const billing::WithdrawalMoved&, Doctor c) { return is<MoveWithdrawal>(c); }
  bool operator()(const billing::DoctorRegistered&, const PutDoctor&) { return true; }
  bool operator()(const billing::BatchAnswered&, const DeductBatch&) { return true; }
  bool operator()(const billing::ClockAdvanced&, const ClockCommand&) { return true; }
  bool operator()(const auto&, const auto&) { return false; }
};

}  // namespace toll::actors
