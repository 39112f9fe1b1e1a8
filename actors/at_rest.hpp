// What a session or a subscription leaves with the directory when its actor leaves memory, and
// comes back with: all that it knew, so it needs to wait for no row.
#pragma once

#include <optional>
#include <string>

#include "billing/session.hpp"
#include "billing/subscription.hpp"

namespace toll::actors {

struct SessionMemory {
  std::optional<billing::Session> session;    ///< absent: none with this id, or none yet
  std::optional<billing::Instant> armed_for;  ///< the instant that the timer knows
  billing::Seq last_seq = 0;
};

struct SubscriptionMemory {
  std::optional<billing::Subscription> subscription;  ///< absent: there is none with this id

  /// Rule 7: grows whenever a refusal given earlier might not be given now: a unit came free, it
  /// was enabled, its dates moved, a member came. Never on a hold.
  std::uint64_t gain = 1;
  billing::Seq loaded_at = 0;  ///< facts up to it are in the row already (rule 5)
  billing::Seq last_seq = 0;
};

/// There must be something to remember.
std::string packed(const SessionMemory& memory);
std::string packed(const SubscriptionMemory& memory);

void unpack(std::string_view bytes, SessionMemory& memory);
void unpack(std::string_view bytes, SubscriptionMemory& memory);

}  // namespace toll::actors
