// The subscription actor. Everything it does is one step: it never asks anybody and never waits,
// but for its own row when it is loaded.
#pragma once

#include "actors/at_rest.hpp"
#include "actors/context.hpp"

namespace toll::actors {

struct SubscriptionState : Presence, SubscriptionMemory {
  explicit SubscriptionState(SubscriptionActor::pointer self) : self(self) {}

  SubscriptionActor::pointer self;
  const Context* context = nullptr;
  bool loaded = false;
  std::vector<std::variant<Serve, StartWalkPtr, ChargeWalkPtr, BalanceWalkPtr, FactHeard>>
      waiting;  ///< until the row is loaded
};

SubscriptionActor::behavior_type subscription_actor(
    SubscriptionActor::stateful_pointer<SubscriptionState> self, const Context* context);

}  // namespace toll::actors
