// An entity's place at the directory: its actor while somebody asks for it, else what the actor has
// left behind, a tenth of its size. Every live session has one, and every subscription that holds a
// unit; of the others the row says all.
#pragma once

#include <deque>
#include <vector>

#include "actors/at_rest.hpp"
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
struct SessionResident : Resident<SessionActor> {};
struct SubscriptionResident : Resident<SubscriptionActor> {
  std::unique_ptr<SubscriptionMemory> open;  ///< instead of left_with, while it is charged often
};
struct DoctorResident : Resident<DoctorActor> {};

/// Large subscriptions that are charged where they rest, and so are not packed: a few.
class OpenAtRest {
 public:
  /// It has left something.
  SubscriptionMemory& open(SubscriptionResident& place);
  /// What it leaves.
  std::string close(SubscriptionResident& place);

 private:
  std::vector<SubscriptionResident*> places_;  ///< the longest open first
};

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

  /// Whether it stays. `applied`: what the rows show.
  bool enter(Place place, billing::Seq applied) {
    const bool stays = ring_.size() < limit_ || ++came_ % 8 == 0;
    for (int i = 0; i < turns; ++i) shrink(applied, stays ? 1 : 0);
    if (stays) stay(place);
    return stays;
  }

  /// Looks at one that may be asked to leave. Also when somebody who is here is asked for: nobody
  /// might come in any more.
  void shrink(billing::Seq applied, std::size_t more = 0) {
    if (!waiting_.empty() && waiting_.front().seq <= applied) {
      ask_to_leave(waiting_.front().place);
      waiting_.pop_front();
    } else if (ring_.size() + more > limit_) {
      turn();
    }
  }

  /// It could not leave.
  void stay(Place place) { ring_.push_back(place); }

  /// It could not leave before the rows show this: until then it is not asked again.
  void stay_until(billing::Seq seq, Place place) { waiting_.push_back({seq, place}); }

 private:
  struct Waiting {
    billing::Seq seq;
    Place place;
  };

  /// How many are looked at for each that comes in: faster than they come.
  static constexpr int turns = 4;

  static void ask_to_leave(Place place) {
    std::visit([](auto* met) { caf::anon_send(met->actor, Leave{}); }, place);
  }

  void turn() {
    if (ring_.empty()) return;
    hand_ = hand_ + 1 < ring_.size() ? hand_ + 1 : 0;
    const auto was_used = [](auto* met) { return std::exchange(met->used, false); };
    if (std::visit(was_used, ring_[hand_])) return;
    ask_to_leave(ring_[hand_]);
    ring_[hand_] = ring_.back();
    ring_.pop_back();
  }

  std::size_t limit_;
  std::vector<Place> ring_;
  std::deque<Waiting> waiting_;  ///< in about the order of the journal
  std::size_t hand_ = 0;
  std::uint64_t came_ = 0;
};

}  // namespace toll::actors
