// Idempotency keys at the door: which request a key means. The engine only sees digests.
#pragma once

#include <string_view>

#include "actors/answer.hpp"
#include "http/router.hpp"

namespace toll::http {

/// 1 to 255 characters of printable ASCII.
bool usable_idempotency_key(std::string_view key);

/// Keys of different principals never meet. Two bodies that are read as the same are the same body:
/// the same JSON but for members that are null, and [] or nothing for {}. `body` is known to be
/// JSON, or empty. The method counts, but for POST: its digests are those of earlier versions.
billing::Cause cause_of(std::string_view principal, std::string_view key, Method method,
                        const Target& target, std::string_view body);

/// Whether it is the answer of an earlier request with the same key.
bool is_replayed(const actors::Answer& answer);

}  // namespace toll::http
