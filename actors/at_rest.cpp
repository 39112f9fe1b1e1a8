#include "actors/at_rest.hpp"

#include <cstring>

#include "persistence/packed.hpp"

namespace toll::actors {

using namespace billing;

namespace {

struct OfSession {
  std::optional<Instant> armed_for;
  Seq last_seq;
};

struct OfSubscription {
  std::uint64_t gain;
  Seq loaded_at;
  Seq last_seq;
};

/// These bytes never leave the process.
template <class Entity, class More>
std::string pack_both(const Entity& entity, const More& more) {
  static_assert(std::is_trivially_copyable_v<More>);
  thread_local std::string bytes;
  bytes.assign(reinterpret_cast<const char*>(&more), sizeof more);
  persistence::pack(bytes, entity);
  return std::string(bytes.data(), bytes.size());  // not a byte more than needed
}

template <class More, class Entity>
More unpack_both(std::string_view bytes, std::optional<Entity>& entity) {
  More more;
  std::memcpy(&more, bytes.data(), sizeof more);
  persistence::unpack(bytes.substr(sizeof more), entity.emplace());
  return more;
}

}  // namespace

std::string packed(const SessionMemory& memory) {
  return pack_both(*memory.session, OfSession{memory.armed_for, memory.last_seq});
}

std::string packed(const SubscriptionMemory& memory) {
  return pack_both(*memory.subscription,
                   OfSubscription{memory.gain, memory.loaded_at, memory.last_seq});
}

void unpack(std::string_view bytes, SessionMemory& memory) {
  const auto more = unpack_both<OfSession>(bytes, memory.session);
  memory.armed_for = more.armed_for;
  memory.last_seq = more.last_seq;
}

void unpack(std::string_view bytes, SubscriptionMemory& memory) {
  const auto more = unpack_both<OfSubscription>(bytes, memory.subscription);
  memory.gain = more.gain;
  memory.loaded_at = more.loaded_at;
  memory.last_seq = more.last_seq;
}

}  // namespace toll::actors
