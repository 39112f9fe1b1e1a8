// What a session or a subscription leaves with the directory when its actor leaves memory, and
// comes back with: all that it knew, so it needs to wait for no row.
#pragma once

#include "actors/session.hpp"
#include "actors/subscription.hpp"

namespace toll::actors {

std::string packed(const billing::Session& session,
                   const std::optional<billing::Instant>& armed_for, billing::Seq last_seq);
std::string packed(const billing::Subscription& subscription, std::uint64_t gain,
                   billing::Seq loaded_at, billing::Seq last_seq);

void unpack(std::string_view bytes, SessionState& state);
void unpack(std::string_view bytes, SubscriptionState& state);

}  // namespace toll::actors
