// What every actor of one server shares. Built by the core before the first actor, const afterwards
// but for the counters; outlives all actors.
#pragma once

#include <atomic>

#include "actors/limits.hpp"
#include "actors/messages.hpp"
#include "actors/outage_keeper.hpp"
#include "billing/policy.hpp"
#include "persistence/storage.hpp"

namespace toll::actors {

/// Figures for /metrics and the start line. Those of asks are for the door too, where one more or
/// less makes no difference, and for a shutdown, which waits until there are none.
struct Counters {
  std::atomic<std::int64_t> live_sessions{0};
  std::atomic<std::int64_t> timers{0};  ///< set: one for each live session that is not being woken
  std::atomic<std::int64_t> asks_at_door{0};  ///< taken there and not answered
  std::atomic<std::int64_t> asks_inside{0};   ///< wakes, items of batches, requests behind a key
  std::atomic<std::int64_t> units_deducted{0};
  std::atomic<std::int64_t> intervals_forgiven{0};
  std::atomic<std::int64_t> sessions_ended{0};
  std::atomic<std::int64_t> actors_in_memory{0};  ///< of sessions, subscriptions and doctors
  std::atomic<std::int64_t> actors_entered{0};    ///< since the start
};

class Directory;

/// What an actor knows of its place at the directory.
struct Presence {
  Place place;
  std::string id;
  std::uint64_t handled = 0;  ///< messages that the directory has sent it since it came in

  Presence() = default;
  explicit Presence(const Enter& enter) : place(enter.place), id(enter.id) {}
};

struct Context {
  persistence::Storage* storage = nullptr;
  persistence::Journal* journal = nullptr;
  const billing::PolicyBook* policies = nullptr;
  Counters* counters = nullptr;
  OutageKeeper* outages = nullptr;
  Limits limits;
  std::shared_ptr<Directory> directory;
  TimerActor timer;
  TestClockActor test_clock;  ///< null by the real clock
  KeysActor keys;
};

}  // namespace toll::actors
