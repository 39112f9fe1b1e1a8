#include "actors/directory.hpp"

namespace toll::actors {

Directory::Directory(caf::actor_system& system, const Context& context)
    : system_(system), context_(context) {}

void Directory::stop() {
  DirectoryTables last;  // what actors still hold is let go of without the mutex
  const std::scoped_lock lock(mutex_);
  stopped_ = true;
  std::swap(last, tables_);
}

void Directory::left(const Presence& presence, std::string with, billing::Seq fades_at) {
  const std::scoped_lock lock(mutex_);
  if (stopped_) return;
  const auto leave = [&](auto* resident) {
    if (resident->sent != presence.handled) return;
    auto& actor = resident->actor;
    std::get<std::vector<std::decay_t<decltype(actor)>>>(tables_.spare).push_back(actor);
    actor = nullptr;
    --context_.counters->actors_in_memory;
    auto& residents = residents_of(*resident);
    resident->fades_at = fades_at;
    assert_closed(*resident);
    if (with.empty()) {
      residents.erase(presence.id);
    } else {
      resident->left_with = std::move(with);
      if (fades_at != never) {
        residents.fading.emplace_back(fades_at, presence.id);
        ++resident->fading;
      }
    }
    fade(residents);
  };
  std::visit(leave, presence.place);
}

/// Some that need no place are kept all the same: a patient's subscription that has run out is
/// asked again and again, and would be read from its row each time, with another gain (rule 7).
template <class SomeResident>
void Directory::fade(Residents<SomeResident>& residents) {
  const billing::Seq applied = context_.journal->applied();
  auto& fading = residents.fading;
  constexpr int faster_than_they_come = 2;
  for (int i = 0; i < faster_than_they_come; ++i) {
    if (fading.size() <= context_.limits.remembered || fading.front().first > applied) return;
    const auto found = residents.find(fading.front().second);
    fading.pop_front();
    if (found == residents.end()) continue;
    SomeResident& place = found->second;
    if (place.fading > 0) --place.fading;
    // It may have come back since, and have more to remember now.
    if (place.fading > 0 || place.actor || place.fades_at > applied) continue;
    assert_closed(place);
    residents.erase(found);
  }
}

}  // namespace toll::actors
