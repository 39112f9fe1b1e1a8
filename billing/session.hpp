// A session as its own records tell it. Source: docs/RULES.md, "Life of a session".
#pragma once

#include <array>
#include <vector>

#include "billing/policy.hpp"
#include "billing/types.hpp"

namespace toll::billing {

enum class Status : std::uint8_t { waiting, active, ended, expired, missed };
inline constexpr std::array statuses{Status::waiting, Status::active, Status::ended,
                                     Status::expired, Status::missed};
std::string_view name(Status status);
std::optional<Status> parse_status(std::string_view text);

enum class Party : std::uint8_t { patient, doctor, server };
std::string_view name(Party party);
std::optional<Party> parse_party(std::string_view text);

enum class EndReason : std::uint8_t { hangup, cancelled, exhausted, expired, missed };
inline constexpr std::array end_reasons{EndReason::hangup, EndReason::cancelled,
                                        EndReason::exhausted, EndReason::expired,
                                        EndReason::missed};
std::string_view name(EndReason reason);

/// The one unit that a live session owns beforehand: it will pay the interval that is running.
struct Hold {
  std::string subscription;
  std::string payment_ref;  ///< of the subscription, empty when it has none
  bool operator==(const Hold&) const = default;
};

/// Units taken one after another from one subscription: what a refund gives back, newest first.
struct Run {
  std::string subscription;
  std::string payment_ref;
  std::int64_t units = 0;
  bool operator==(const Run&) const = default;
};

struct Session {
  std::string id;
  Version version = 0;
  Channel channel = Channel::text;
  Status status = Status::waiting;
  std::string patient;
  std::string doctor;
  std::optional<std::string> external_ref;
  Currency currency;                 ///< the doctor's, at the session's rate
  std::uint32_t policy_version = 0;  ///< fixed when the session is created
  Seq created_seq = 0;               ///< orders sessions in lists
  Instant created_at = 0;
  Instant last_at = 0;  ///< instant of the newest record: time never goes back for a session
  std::optional<Instant> response_deadline;
  std::optional<Instant> activated_at;
  std::optional<Instant> ended_at;
  std::optional<Party> ended_by;
  std::optional<EndReason> end_reason;
  std::optional<std::string> reason;
  std::int64_t intervals_processed = 0;  ///< taken or forgiven
  std::int64_t units_used = 0;
  std::int64_t units_refunded = 0;
  bool manual_applied = false;
  std::optional<Hold> hold;  ///< present exactly while the session is live
  std::vector<Run> runs;

  bool live() const { return status == Status::waiting || status == Status::active; }
  bool operator==(const Session&) const = default;
};

/// The instant of boundary k (k >= 1) of an activated session.
Instant boundary(const Session& session, const Policy& policy, std::int64_t k);

/// floor(e / interval) at `now`, where e ends at ended_at; 0 when never activated.
std::int64_t completed_intervals(const Session& session, const Policy& policy, Instant now);

/// Completed intervals neither taken nor forgiven; 0 unless active.
std::int64_t units_due(const Session& session, const Policy& policy, Instant now);

/// The next boundary of an active session.
std::optional<Instant> next_deduction_at(const Session& session, const Policy& policy);

/// When a waiting session passes away by itself: response deadline, waiting limit or ring timeout.
std::optional<Instant> waiting_deadline(const Session& session, const Policy& policy);

/// The next instant at which a timer must wake the session; none when it is terminal.
std::optional<Instant> next_wake(const Session& session, const Policy& policy);

}  // namespace toll::billing
