#include "actors/directory.hpp"

namespace toll::actors {

namespace {

template <class Function>
auto with_residents(DirectoryTables& tables, Kind kind, Function function) {
  switch (kind) {
    case Kind::session:
      return function(tables.sessions);
    case Kind::subscription:
      return function(tables.subscriptions);
    case Kind::doctor:
      break;
  }
  return function(tables.doctor_actors);
}

/// Whether the message that `idle` came with was the last one: nothing is on its way to the actor.
bool still_idle(DirectoryTables& tables, const Idle& idle) {
  return with_residents(tables, idle.kind, [&](const auto& residents) {
    const auto found = residents.find(idle.id);
    return found != residents.end() && found->second.sent == idle.received;
  });
}

void retire(DirectoryTables& tables, const Idle& idle) {
  with_residents(tables, idle.kind, [&](auto& residents) {
    const auto found = residents.find(idle.id);
    caf::anon_send(found->second.actor, Leave{});
    residents.erase(found);
  });
}

}  // namespace

Directory::Directory(caf::actor_system& system, const Context& context)
    : system_(system), context_(context) {}

void Directory::stop() {
  DirectoryTables last;  // what actors still hold is let go of without the mutex
  const std::scoped_lock lock(mutex_);
  stopped_ = true;
  std::swap(last, tables_);
}

/// Keeps the most recently used idle actors in memory. Rule 5: one leaves only when its row is at
/// or past the last fact that it made or heard, so whoever loads it later needs to wait for
/// nothing.
void Directory::idle(Idle idle) {
  const std::scoped_lock lock(mutex_);
  if (stopped_) return;
  tables_.idle.push_back(std::move(idle));
  while (tables_.idle.size() > context_.limits.idle_actors) {
    const Idle& oldest = tables_.idle.front();
    if (still_idle(tables_, oldest)) {
      if (oldest.last_seq > context_.journal->applied()) return;
      retire(tables_, oldest);
    }
    tables_.idle.pop_front();
  }
}

}  // namespace toll::actors
