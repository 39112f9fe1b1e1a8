// An entity's place at the directory: its actor while somebody asks for it, else what the actor has
// left behind, a tenth of its size. Every live session has one, and every subscription that holds a
// unit; of the others the row says all.
#pragma once

#include <vector>

#include "actors/messages.hpp"

namespace toll::actors {

template <class Actor>
struct Resident {
  Actor actor;            ///< null: at rest
  std::string left_with;  ///< what the actor comes back with; empty: its row
  std::uint64_t sent =
      0;              ///< to the actor since it came in: it leaves once it has handled them all
  bool used = false;  ///< since the hand came by
};
using SessionResident = Resident<SessionActor>;
using SubscriptionResident = Resident<SubscriptionActor>;
using DoctorResident = Resident<DoctorActor>;

template <class SomeResident, class Message>
void forward(SomeResident& resident, Message&& message) {
  resident.used = true;
  ++resident.sent;
  caf::anon_send(resident.actor, std::forward<Message>(message));
}

/// Those whose actor stays in memory, in a ring with a hand, as in a page cache: whoever was not
/// used since it last came by is asked to leave. When there are enough, most of those that come in
/// are only passing, and leave when they have done what they came for, with all that they touched
/// still in the processor's caches; one in eight stays, so whoever comes often will. References
/// stay valid while the resident does.
class InMemory {
 public:
  explicit InMemory(std::size_t limit) : limit_(limit) {}

  /// Whether it stays.
  bool enter(Place place) {
    const bool stays = ring_.size() < limit_ || ++came_ % 8 == 0;
    for (int i = 0; i < turns && ring_.size() + (stays ? 1 : 0) > limit_; ++i) turn();
    if (stays) stay(place);
    return stays;
  }

  /// Somebody who is here was asked for: of those that were too many and could not leave when
  /// nobody came in after them, one is looked at again.
  void shrink() {
    if (ring_.size() > limit_) turn();
  }

  /// It could not leave.
  void stay(Place place) { ring_.push_back(place); }

 private:
  /// How many are looked at for each that comes in: faster than they come.
  static constexpr int turns = 4;

  void turn() {
    if (ring_.empty()) return;
    hand_ = hand_ + 1 < ring_.size() ? hand_ + 1 : 0;
    const bool idle = std::visit(
        [](auto* met) {
          if (std::exchange(met->used, false)) return false;
          caf::anon_send(met->actor, Leave{});
          return true;
        },
        ring_[hand_]);
    if (!idle) return;
    ring_[hand_] = ring_.back();
    ring_.pop_back();
  }

  std::size_t limit_;
  std::vector<Place> ring_;
  std::size_t hand_ = 0;
  std::uint64_t came_ = 0;
};

}  // namespace toll::actors
