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

std::string packed(const Session& session, const std::optional<Instant>& armed_for, Seq last_seq) {
  return pack_both(session, OfSession{armed_for, last_seq});
}

std::string packed(const Subscription& subscription, std::uint64_t gain, Seq loaded_at,
                   Seq last_seq) {
  return pack_both(subscription, OfSubscription{gain, loaded_at, last_seq});
}

void unpack(std::string_view bytes, SessionState& state) {
  const auto more = unpack_both<OfSession>(bytes, state.session);
  state.armed_for = more.armed_for;
  state.last_seq = more.last_seq;
}

void unpack(std::string_view bytes, SubscriptionState& state) {
  const auto more = unpack_both<OfSubscription>(bytes, state.subscription);
  state.gain = more.gain;
  state.loaded_at = more.loaded_at;
  state.last_seq = more.last_seq;
}

}  // namespace toll::actors
