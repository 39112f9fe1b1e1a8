// An entity's place at the directory: its actor while somebody asks for it, else what the actor has
// left behind, a tenth of its size. Every live session has one, and every subscription that holds a
// unit; of the others the row says all.
#pragma once

#include <vector>

#include "actors/messages.hpp"

namespace toll::actors {

template <class Actor, class... Messages>
struct Resident {
  Actor actor;            ///< null: at rest
  std::string left_with;  ///< what the actor comes back with; empty: its row
  /// It has been asked to leave: what has come since, for afterwards. Else null.
  std::unique_ptr<std::vector<std::variant<Messages...>>> waiting;
  std::uint32_t place = 0;  ///< among those in memory
  bool used = false;        ///< since the hand came by
};
using SessionResident = Resident<SessionActor, Serve>;
using SubscriptionResident = Resident<SubscriptionActor, Serve, WalkOn, FactHeard>;
using DoctorResident = Resident<DoctorActor, Serve, RefundAsked>;

template <class SomeResident, class Message>
void forward(SomeResident& resident, Message&& message) {
  resident.used = true;
  if (resident.waiting) {
    resident.waiting->emplace_back(std::forward<Message>(message));
  } else {
    caf::anon_send(resident.actor, std::forward<Message>(message));
  }
}

/// Those whose actor is in memory, in a ring with a hand: whoever was not used since it last came
/// by is asked to leave. References stay valid while the resident does.
class InMemory {
 public:
  std::size_t size() const { return ring_.size(); }

  template <class SomeResident>
  void enter(SomeResident& resident) {
    resident.place = static_cast<std::uint32_t>(ring_.size());
    ring_.push_back(&resident);
  }

  template <class SomeResident>
  void leave(SomeResident& resident) {
    ring_[resident.place] = ring_.back();
    std::visit([&](auto* moved) { moved->place = resident.place; }, ring_[resident.place]);
    ring_.pop_back();
  }

  /// Moves the hand by one, and asks whoever it meets.
  void turn() {
    hand_ = hand_ + 1 < ring_.size() ? hand_ + 1 : 0;
    std::visit(
        [](auto* met) {
          if (met->waiting || std::exchange(met->used, false)) return;
          met->waiting = std::make_unique<typename decltype(met->waiting)::element_type>();
          caf::anon_send(met->actor, Leave{});
        },
        ring_[hand_]);
  }

 private:
  std::vector<std::variant<SessionResident*, SubscriptionResident*, DoctorResident*>> ring_;
  std::size_t hand_ = 0;
};

}  // namespace toll::actors
