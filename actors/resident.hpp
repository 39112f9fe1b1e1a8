// An entity's place at the directory: its actor while that has something to do, else what the actor
// has left behind, a tenth of its size. Every live session has one, and every subscription that
// holds a unit; of the others the row says all, as soon as the rows show what they did last.
#pragma once

#include <boost/unordered_map.hpp>
#include <deque>
#include <limits>
#include <vector>

#include "actors/at_rest.hpp"
#include "actors/messages.hpp"
#include "billing/assert.hpp"

namespace toll::actors {

inline constexpr billing::Seq never = std::numeric_limits<billing::Seq>::max();

template <class Actor>
struct Resident {
  Actor actor;            ///< null: at rest
  std::string left_with;  ///< what the actor comes back with; empty: its row
  std::uint64_t sent =
      0;  ///< to the actor since it came in: it leaves once it has handled them all
  billing::Seq fades_at = never;  ///< at rest: when the rows show this, its row says all
  std::uint32_t fading = 0;       ///< so often it is in the list of those that fade
};
struct SessionResident : Resident<SessionActor> {};
struct SubscriptionResident : Resident<SubscriptionActor> {
  std::unique_ptr<SubscriptionMemory> open;  ///< instead of left_with, while it is charged often
};
struct DoctorResident : Resident<DoctorActor> {};

/// Of a place that goes.
template <class SomeResident>
void assert_closed(const SomeResident& place) {
  if constexpr (requires { place.open; }) TOLL_ASSERT(!place.open);
}

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

/// By id. Boost's: one step of memory less for each look than the standard's.
template <class Value>
using Table = boost::unordered_map<std::string, Value>;

template <class SomeResident>
struct Residents : Table<SomeResident> {
  std::deque<std::pair<billing::Seq, std::string>> fading;  ///< who left last is last
};

template <class SomeResident, class Message>
void forward(SomeResident& resident, Message&& message) {
  ++resident.sent;
  caf::anon_send(resident.actor, std::forward<Message>(message));
}

}  // namespace toll::actors
