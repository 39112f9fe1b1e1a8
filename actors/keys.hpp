// The keys actor: a request with an idempotency key claims the key before it is routed, and those
// that come with the same key meanwhile wait. What a request changed is remembered by its records
// alone: a later one gets its answer from the rows that are folded from them (rule 8).
#pragma once

#include <deque>
#include <unordered_map>

#include "actors/context.hpp"

namespace toll::actors {

struct DigestHash {
  std::size_t operator()(const billing::RequestDigest& digest) const;
};

/// What a request with the key has just changed: its answer, should the row be gone before anybody
/// has read it, because thirty days passed meanwhile.
struct JustChanged {
  billing::RequestDigest request{};
  billing::Instant at = 0;
  Answer answer;
};

/// A key that somebody asks with right now.
struct KeyClaim {
  AskPtr serving;  ///< the one under way; null until it is known that nothing is kept
  std::deque<AskPtr> waiting;
  std::optional<JustChanged> changed;  ///< by the one that was served last
};

struct KeysState {
  explicit KeysState(KeysActor::pointer self) : self(self) {}

  KeysActor::pointer self;
  const Context* context = nullptr;
  std::unordered_map<billing::RequestDigest, KeyClaim, DigestHash> claims;
  /// Records with a cause that the rows may not show yet, and the same in their order.
  std::unordered_map<billing::RequestDigest, billing::Seq, DigestHash> recent;
  std::deque<std::pair<billing::Seq, billing::RequestDigest>> recent_order;
};

KeysActor::behavior_type keys_actor(KeysActor::stateful_pointer<KeysState> self,
                                    const Context* context);

}  // namespace toll::actors
