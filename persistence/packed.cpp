#include "persistence/packed.hpp"

#include "billing/assert.hpp"
#include "persistence/format.hpp"

namespace toll::persistence {

namespace {

template <class Entity>
void pack_entity(std::string& out, const Entity& entity) {
  Encoder encoder(out);
  fields(encoder, entity);
}

template <class Entity>
void unpack_entity(std::string_view bytes, Entity& entity) {
  const bool read = decode(bytes, entity);
  TOLL_ASSERT(read);
}

}  // namespace

void pack(std::string& out, const billing::Session& session) { pack_entity(out, session); }
void pack(std::string& out, const billing::Subscription& subscription) {
  pack_entity(out, subscription);
}
void unpack(std::string_view bytes, billing::Session& session) { unpack_entity(bytes, session); }
void unpack(std::string_view bytes, billing::Subscription& subscription) {
  unpack_entity(bytes, subscription);
}

}  // namespace toll::persistence
