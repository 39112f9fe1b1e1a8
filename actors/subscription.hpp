// The subscription actor. Everything it does is one step: it never asks anybody and never waits,
// but for its own row when it is loaded.
#pragma once

#include "actors/context.hpp"

namespace toll::actors {

struct SubscriptionState : Presence {
  explicit SubscriptionState(SubscriptionActor::pointer self) : self(self) {}

  SubscriptionActor::pointer self;
  const Context* context = nullptr;
  bool loaded = false;
  std::optional<billing::Subscription> subscription;  ///< absent: there is none with this id

  /// Rule 7: grows whenever a refusal given earlier might not be given now: a unit came free, it
  /// was enabled, its dates moved, a member came. Never on a hold.
  std::uint64_t gain = 1;
  billing::Seq loaded_at = 0;  ///< facts up to it are in the row already (rule 5)
  billing::Seq last_seq = 0;
  std::vector<std::variant<Serve, WalkOn, FactHeard>> waiting;  ///< until the row is loaded
};

SubscriptionActor::behavior_type subscription_actor(
    SubscriptionActor::stateful_pointer<SubscriptionState> self, const Context* context);

}  // namespace toll::actors
