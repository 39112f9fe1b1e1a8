// What every actor of one server shares. Built by the core before the first actor, const afterwards
// but for the counters; outlives all actors.
#pragma once

#include <atomic>

#include "actors/messages.hpp"
#include "billing/policy.hpp"
#include "persistence/storage.hpp"

namespace toll::actors {

/// Figures for /metrics and the start line; relaxed, because nothing is decided by them.
struct Counters {
  std::atomic<std::int64_t> live_sessions{0};
  std::atomic<std::int64_t> timers{0};  ///< set: one for each live session that is not being woken
  std::atomic<std::int64_t> asks_under_way{0};
  std::atomic<std::int64_t> units_deducted{0};
  std::atomic<std::int64_t> intervals_forgiven{0};
  std::atomic<std::int64_t> sessions_ended{0};
  std::atomic<std::int64_t> actors_in_memory{0};  ///< of sessions, subscriptions and doctors
  std::atomic<std::int64_t> actors_entered{0};    ///< since the start
};

struct Limits {
  std::size_t session_queue = 256;  ///< that wait for one session; beyond it only wakes are taken
  std::size_t remembered = 4'096;   ///< of each kind that need no place: those who left last
  std::size_t wakes_under_way = 4096;  ///< timers fired and not finished
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
  Limits limits;
  std::shared_ptr<Directory> directory;
  TimerActor timer;
  KeysActor keys;
};

}  // namespace toll::actors
