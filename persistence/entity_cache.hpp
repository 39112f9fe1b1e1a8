// Decoded entities of one kind: those changed in this window, and the ones used last before.
#pragma once

#include <list>
#include <string>
#include <unordered_map>
#include <vector>

#include "billing/session.hpp"

namespace toll::persistence {

template <class Entity>
struct Cached {
  Entity entity;
  bool changed = false;                   ///< since its row was written
  std::optional<billing::Status> listed;  ///< sessions: the status that the index has, if any
  std::vector<billing::Seq> postings;     ///< of this window
};

template <class Entity>
class EntityCache {
 public:
  using Entry = Cached<Entity>;

  /// The entry, which becomes the one used last; null if it is not here.
  Entry* find(const std::string& id) {
    const auto found = by_id_.find(id);
    if (found == by_id_.end()) return nullptr;
    entries_.splice(entries_.begin(), entries_, found->second);
    return &*found->second;
  }

  /// Pointers to entries stay valid until trim().
  Entry& add(Entity entity) {
    entries_.push_front({std::move(entity), false, {}, {}});
    by_id_.emplace(entries_.front().entity.id, entries_.begin());
    return entries_.front();
  }

  void change(Entry& entry) {
    if (entry.changed) return;
    entry.changed = true;
    changed_.push_back(&entry);
  }

  const std::vector<Entry*>& changed() const { return changed_; }

  /// Forgets which were changed, and the ones not used for longest beyond `capacity`.
  void trim(std::size_t capacity) {
    for (Entry* entry : changed_) {
      entry->changed = false;
      entry->postings.clear();
    }
    changed_.clear();
    while (entries_.size() > capacity) {
      by_id_.erase(entries_.back().entity.id);
      entries_.pop_back();
    }
  }

 private:
  std::list<Entry> entries_;  ///< the one used last is first
  std::unordered_map<std::string_view, typename std::list<Entry>::iterator> by_id_;
  std::vector<Entry*> changed_;
};

}  // namespace toll::persistence
