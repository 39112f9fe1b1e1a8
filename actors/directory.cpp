#include "actors/directory.hpp"

namespace toll::actors {

Directory::Directory(caf::actor_system& system, const Context& context)
    : system_(system), context_(context), in_memory_(context.limits.actors_in_memory) {}

void Directory::stop() {
  DirectoryTables last;  // what actors still hold is let go of without the mutex
  const std::scoped_lock lock(mutex_);
  stopped_ = true;
  std::swap(last, tables_);
}

bool Directory::left(const Presence& presence, std::string with) {
  const std::scoped_lock lock(mutex_);
  if (stopped_) return false;
  return std::visit(
      [&](auto* resident) {
        if (resident->sent != presence.handled) {
          in_memory_.stay(resident);
          return false;
        }
        auto& actor = resident->actor;
        std::get<std::vector<std::decay_t<decltype(actor)>>>(tables_.spare).push_back(actor);
        actor = nullptr;
        --context_.counters->actors_in_memory;
        resident->left_with = std::move(with);
        if (resident->left_with.empty()) table_of(*resident).erase(presence.id);
        return true;
      },
      presence.place);
}

void Directory::stays(const Presence& presence) {
  const std::scoped_lock lock(mutex_);
  if (!stopped_) in_memory_.stay(presence.place);
}

void Directory::stays_until(billing::Seq seq, const Presence& presence) {
  const std::scoped_lock lock(mutex_);
  if (!stopped_) in_memory_.stay_until(seq, presence.place);
}

}  // namespace toll::actors
