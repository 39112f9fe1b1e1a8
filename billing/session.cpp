#include "billing/session.hpp"

#include <algorithm>

#include "billing/assert.hpp"

namespace toll::billing {

namespace {

template <class Enum, std::size_t N>
std::optional<Enum> parse(const std::array<std::string_view, N>& names, std::string_view text) {
  const auto found = std::find(names.begin(), names.end(), text);
  if (found == names.end()) return std::nullopt;
  return static_cast<Enum>(found - names.begin());
}

constexpr std::array<std::string_view, 5> status_names{"waiting", "active", "ended", "expired",
                                                       "missed"};
constexpr std::array<std::string_view, 3> party_names{"patient", "doctor", "server"};
constexpr std::array<std::string_view, 5> reason_names{"hangup", "cancelled", "exhausted",
                                                       "expired", "missed"};

}  // namespace

std::string_view name(Status status) { return status_names[static_cast<std::size_t>(status)]; }
std::optional<Status> parse_status(std::string_view text) {
  return parse<Status>(status_names, text);
}
std::string_view name(Party party) { return party_names[static_cast<std::size_t>(party)]; }
std::optional<Party> parse_party(std::string_view text) { return parse<Party>(party_names, text); }
std::string_view name(EndReason reason) { return reason_names[static_cast<std::size_t>(reason)]; }

Instant boundary(const Session& session, const Policy& policy, std::int64_t k) {
  TOLL_ASSERT(session.activated_at && k >= 1);
  return checked_add(*session.activated_at, checked_mul(k, policy.interval_ms()));
}

std::int64_t completed_intervals(const Session& session, const Policy& policy, Instant now) {
  if (!session.activated_at) return 0;
  const Instant elapsed = session.ended_at.value_or(now) - *session.activated_at;
  return std::max<Instant>(elapsed, 0) / policy.interval_ms();
}

std::int64_t units_due(const Session& session, const Policy& policy, Instant now) {
  if (session.status != Status::active) return 0;
  return std::max<std::int64_t>(
      completed_intervals(session, policy, now) - session.intervals_processed, 0);
}

std::optional<Instant> next_deduction_at(const Session& session, const Policy& policy) {
  if (session.status != Status::active) return std::nullopt;
  return boundary(session, policy, session.intervals_processed + 1);
}

std::optional<Instant> waiting_deadline(const Session& session, const Policy& policy) {
  if (session.status != Status::waiting) return std::nullopt;
  if (session.channel != Channel::text) return session.created_at + policy.ring_timeout_s * 1000;
  if (session.response_deadline) return session.response_deadline;
  return session.created_at + policy.waiting_limit_s * 1000;
}

std::optional<Instant> next_wake(const Session& session, const Policy& policy) {
  if (session.status == Status::active) return next_deduction_at(session, policy);
  return waiting_deadline(session, policy);
}

}  // namespace toll::billing
