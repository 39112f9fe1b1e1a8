// Answers: what actors say to a command. Values; the HTTP room writes them as JSON. `replayed`: the
// answer of an earlier request with the same idempotency key, given again.
#pragma once

#include <variant>

#include "billing/facts.hpp"

namespace toll::actors {

/// A session as it stands at `at`. The counters say what this very request did.
struct SessionAnswer {
  billing::Session session;
  billing::Instant at = 0;
  bool created = false;            ///< StartSession: made now, not found
  std::int64_t deducted = 0;       ///< units taken by this request
  std::int64_t intervals_due = 0;  ///< completed intervals before it
  bool manual_unit = false;        ///< EndSession: this request took the manual unit
  bool already_ended = false;      ///< EndSession: it was terminal before this request
  std::int64_t refunded = 0;       ///< RefundUnits: units given back by this request
  bool replayed = false;
  bool operator==(const SessionAnswer&) const = default;
};

struct SubscriptionAnswer {
  billing::Subscription subscription;
  billing::Instant at = 0;
  bool created = false;
  bool replayed = false;
  bool for_member = false;  ///< who asks is a member: what he may use, and nothing about others
  bool operator==(const SubscriptionAnswer&) const = default;
};

/// What each session of a DeductBatch was answered, in the order of the request.
struct BatchAnswer {
  std::vector<std::string> sessions;
  std::vector<billing::BatchItem> items;
  bool replayed = false;
  bool operator==(const BatchAnswer&) const = default;
};

struct DoctorAnswer {
  billing::Doctor doctor;
  bool created = false;
  bool replayed = false;
  bool operator==(const DoctorAnswer&) const = default;
};

struct WithdrawalAnswer {
  billing::Withdrawal withdrawal;
  bool replayed = false;
  bool operator==(const WithdrawalAnswer&) const = default;
};

/// What a new session of the patient could use now.
struct BalanceAnswer {
  std::string patient;
  billing::Units units{};
  std::vector<std::string> subscriptions;  ///< in the order in which they give
  bool operator==(const BalanceAnswer&) const = default;
};

struct ClockAnswer {
  billing::Instant now = 0;
  bool replayed = false;
  bool operator==(const ClockAnswer&) const = default;
};

/// The server cannot take the request now: overload or shutdown. Nothing was changed by it.
struct Unavailable {
  bool operator==(const Unavailable&) const = default;
};

/// Refused, but not for ever: after `wait_s` seconds the same request may be granted.
struct RefusedForNow {
  billing::Refusal refusal = billing::Refusal::too_many_unbilled;
  std::int64_t wait_s = 1;
  bool operator==(const RefusedForNow&) const = default;
};

using Answer =
    std::variant<Unavailable, billing::Refusal, SessionAnswer, SubscriptionAnswer, DoctorAnswer,
                 BalanceAnswer, ClockAnswer, WithdrawalAnswer, BatchAnswer, RefusedForNow>;

}  // namespace toll::actors
