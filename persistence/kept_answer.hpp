// What is kept of a request with an idempotency key that changed something, so that its answer can
// be given again. Folded from the record that carries the cause, like every other row.
#pragma once

#include <string_view>

#include "billing/facts.hpp"

namespace toll::persistence {

/// How long an answer is kept, in milliseconds after the record.
inline constexpr billing::Instant kept_for_ms = billing::Instant{30} * 24 * 60 * 60 * 1000;

/// At most one of session, subscription, withdrawal, items and doctor is there; none: a moved test
/// clock.
struct KeptAnswer {
  billing::Instant at = 0;  ///< of the record
  billing::Cause cause;
  bool created = false;      ///< the request made what it answers with
  bool manual_unit = false;  ///< the record took the manual unit
  std::optional<billing::Session> session;
  std::optional<billing::Subscription> subscription;
  std::optional<billing::Withdrawal> withdrawal;
  std::vector<billing::BatchItem> items;
  std::optional<billing::Doctor> doctor;  ///< without his wallet
  bool operator==(const KeptAnswer&) const = default;

  bool expired(billing::Instant now) const { return now >= at + kept_for_ms; }
};

/// The id of what the kept answer of a record with a cause has in it, or the key if that is
/// nothing.
inline std::string_view owner_of_kept(const billing::Record& record) {
  return std::visit(
      [&](const auto& fact) -> std::string_view {
        if constexpr (requires { fact.session; }) return fact.session;
        if constexpr (requires { fact.withdrawal; }) return fact.withdrawal;
        if constexpr (requires { fact.subscription; }) return fact.subscription;
        return {record.cause->key.data(), record.cause->key.size()};
      },
      record.fact);
}
inline std::string_view owner_of_kept(const KeptAnswer& kept) {
  if (kept.session) return kept.session->id;
  if (kept.withdrawal) return kept.withdrawal->id;
  if (kept.subscription) return kept.subscription->id;
  return {kept.cause.key.data(), kept.cause.key.size()};
}

/// The answer of a record with a cause that has just been folded into `world` (fold.hpp).
template <class World>
KeptAnswer kept_answer(World& world, const billing::Record& record) {
  KeptAnswer kept;
  kept.at = record.at;
  kept.cause = *record.cause;
  std::visit(
      [&](const auto& fact) {
        using Fact = std::decay_t<decltype(fact)>;
        if constexpr (std::is_same_v<Fact, billing::DoctorRegistered>) {
          kept.doctor.emplace();
          kept.doctor->id = fact.doctor;
          kept.doctor->version = fact.version;
          kept.doctor->currency = fact.currency;
          kept.created = fact.version == 1;
        } else if constexpr (requires { fact.session; }) {
          kept.session = world.session(fact.session);
        } else if constexpr (requires { fact.withdrawal; }) {
          kept.withdrawal = world.withdrawal(fact.withdrawal);
        } else if constexpr (requires { fact.subscription; }) {
          kept.subscription = world.subscription(fact.subscription);
        } else if constexpr (requires { fact.items; }) {
          kept.items = fact.items;
        }
      },
      record.fact);
  kept.created = kept.created || std::holds_alternative<billing::Created>(record.fact) ||
                 std::holds_alternative<billing::Granted>(record.fact) ||
                 std::holds_alternative<billing::ToppedUp>(record.fact);
  const auto* ended = std::get_if<billing::Ended>(&record.fact);
  kept.manual_unit = ended && ended->manual();
  return kept;
}

}  // namespace toll::persistence
