// A subscription: a grant of units per channel with a start and an end.
// Source: docs/RULES.md, "Where units come from".
#pragma once

#include <limits>
#include <vector>

#include "billing/types.hpp"

namespace toll::billing {

/// An end that was in force, rollover included, before the record that changed it.
struct EarlierEnd {
  Seq until = 0;
  Instant end = 0;
  bool operator==(const EarlierEnd&) const = default;
};

struct Subscription {
  std::string id;
  Version version = 0;
  std::string patient;               ///< the owner
  std::vector<std::string> members;  ///< sorted, without repeats; the owner need not be in it
  Instant starts_at = 0;
  Instant ends_at = 0;             ///< before rollover, see effective_end
  std::int32_t rollover_days = 0;  ///< 0 once ends_at was changed
  bool enabled = true;
  std::optional<std::string> plan;
  std::optional<std::string> payment_ref;
  std::string fingerprint;  ///< of the request that made it: the same request again is no conflict
  Instant last_at = 0;      ///< instant of the newest record of this subscription
  Units granted{};
  Units taken{};
  Units refunded{};
  Units held{};
  /// In the order of the changes: those that a live session may have been created under.
  std::vector<EarlierEnd> earlier_ends;

  /// granted + refunded - taken - held; never negative.
  std::int64_t free(Channel channel) const;
  bool holds_any() const { return held != Units{}; }
  bool operator==(const Subscription&) const = default;
};

/// ends_at, extended once by rollover_days.
Instant effective_end(const Subscription& subscription);

/// The same, of the end that was in force before the record `at`, as far as a live session can ask.
Instant end_in_force(const Subscription& subscription, Seq at);

/// What ends_at is at `now`: the rollover shows only once it has happened.
Instant shown_end(const Subscription& subscription, Instant now);

/// Whether this patient owns the subscription or is a member of it.
bool may_use(const Subscription& subscription, const std::string& patient);

/// Comes after every record.
inline constexpr Seq not_yet = std::numeric_limits<Seq>::max();

/// Who asks for a unit, of which channel, and by which clock.
struct Claim {
  const std::string& patient;
  Channel channel;
  Instant at;          ///< the start of the session, or the boundary, however late it is noticed
  Instant created_at;  ///< of the session
  bool grandfather;    ///< whether ends_at is waived for subscriptions running at created_at
  Seq created_seq = not_yet;  ///< the record that created the session
};

/// Whether a unit may be held for `claim`, leaving aside whether one is free.
bool eligible(const Subscription& subscription, const Claim& claim);

/// Eligible, and a unit is free.
bool can_hold(const Subscription& subscription, const Claim& claim);

}  // namespace toll::billing
