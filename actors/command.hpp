// Commands: what may be asked of the engine, in the imperative. Values checked for form only (ids,
// ranges): whether they are granted is decided by the actor that owns the entity.
#pragma once

#include <variant>

#include "billing/decide.hpp"

namespace toll::actors {

// --- Sessions ---

struct StartSession {
  std::string id;          ///< never empty: the door makes one for requests without
  bool id_is_new = false;  ///< made by the server: no earlier session can have it
  billing::Channel channel = billing::Channel::text;
  std::string patient;
  std::string doctor;
  std::optional<std::string> external_ref;
};

struct SendMessage {
  std::string session;
  billing::Party from = billing::Party::patient;
};

struct ActivateSession {
  std::string session;
};

struct DeductUnits {
  std::string session;
  std::string triggered_by;
};

/// Several deductions in one request, each answered on its own.
struct DeductBatch {
  std::vector<std::string> sessions;
};

struct EndSession {
  std::string session;
  billing::Party by = billing::Party::server;
  std::optional<std::string> reason;
};

struct GetSession {
  std::string session;
};

/// Applies what has become due, and nothing if nothing has: sent by timers, by a start that met a
/// busy party, and by recovery. One that is over does nothing.
struct WakeSession {
  std::string session;
  std::optional<billing::Instant> timer;  ///< that fired for this instant; absent: none did
};

struct RefundUnits {
  std::string session;
  std::int64_t units = 1;  ///< at least 1
  std::string reason;
};

// --- Subscriptions and patients ---

struct PutSubscription {
  std::string id;
  std::string patient;
  std::vector<std::string> members;  ///< sorted, without repeats
  billing::Units units{};
  std::optional<billing::Instant> starts_at;  ///< now when absent
  billing::Instant ends_at = 0;
  std::int32_t rollover_days = 0;
  std::optional<std::string> plan;
  std::optional<std::string> payment_ref;
  std::string fingerprint;  ///< equal exactly for equal requests
};

struct PatchSubscription {
  std::string id;
  billing::Change change;
};

struct TopUpSubscription {
  std::string id;
  billing::Units units{};
};

struct GetSubscription {
  std::string id;
};

struct GetBalance {
  std::string patient;
};

// --- Doctors ---

struct PutDoctor {
  std::string id;
  std::optional<billing::Currency> currency;
};

struct GetWallet {
  std::string doctor;
};

struct RequestWithdrawal {
  std::string id;  ///< made by the server
  std::string doctor;
  billing::Money amount;  ///< at least 1
};

struct MoveWithdrawal {
  std::string id;
  billing::WithdrawalStatus to = billing::WithdrawalStatus::approved;
};

// --- The test clock ---

struct AdvanceClock {
  std::int64_t advance_ms = 0;
  bool run_timers = true;
};

/// Waits for an advance that is under way: only a time that is on disk is shown.
struct GetClock {};

// --- Who carries them out ---

using SessionCommand = std::variant<StartSession, SendMessage, ActivateSession, DeductUnits,
                                    EndSession, GetSession, WakeSession, RefundUnits>;
using SubscriptionCommand =
    std::variant<PutSubscription, PatchSubscription, TopUpSubscription, GetSubscription>;
using DoctorCommand = std::variant<GetWallet, RequestWithdrawal, MoveWithdrawal>;
using ClockCommand = std::variant<AdvanceClock, GetClock>;

/// The last three are the directory's.
using Command = std::variant<SessionCommand, SubscriptionCommand, DoctorCommand, ClockCommand,
                             GetBalance, PutDoctor, DeductBatch>;

}  // namespace toll::actors
