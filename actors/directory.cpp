#include "actors/directory.hpp"

namespace toll::actors {

namespace {

template <class SomeResident, class Messages>
void send_on(SomeResident& resident, Messages& messages) {
  for (auto& message : messages) {
    std::visit([&](auto& waiting) { forward(resident, std::move(waiting)); }, message);
  }
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

template <class Function>
void Directory::with_resident(Kind kind, const std::string& id, Function function) {
  const std::scoped_lock lock(mutex_);
  if (stopped_) return;
  switch (kind) {
    case Kind::session:
      return function(tables_.sessions, [&]() -> auto& { return session(id, false); });
    case Kind::subscription:
      return function(tables_.subscriptions, [&]() -> auto& { return subscription(id); });
    case Kind::doctor:
      return function(tables_.doctor_actors, [&]() -> auto& { return doctor(id); });
  }
}

void Directory::left(Kind kind, const std::string& id, std::string with) {
  with_resident(kind, id, [&](auto& residents, auto again) {
    const auto found = residents.find(id);
    auto& resident = found->second;
    const auto waiting = std::move(resident.waiting);
    tables_.in_memory.leave(resident);
    resident.actor = nullptr;
    resident.left_with = std::move(with);
    if (!waiting->empty()) return send_on(again(), *waiting);
    if (resident.left_with.empty()) residents.erase(found);
  });
}

void Directory::stays(Kind kind, const std::string& id) {
  with_resident(kind, id, [&](auto& residents, auto) {
    auto& resident = residents.find(id)->second;
    const auto waiting = std::move(resident.waiting);
    send_on(resident, *waiting);
  });
}

}  // namespace toll::actors
