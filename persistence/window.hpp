// What a window of records changed, of one kind of entity: each one whole, or only what it was
// charged.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "persistence/charges.hpp"

namespace toll::persistence {

template <class Entity>
struct Change {
  std::unique_ptr<Row<Entity>> row;       ///< the entity, once something needed it whole
  std::optional<billing::Status> listed;  ///< sessions: the status that the lists have, if any
  Charges charges;                        ///< empty if the row is here

  void post(billing::Seq seq) { (row ? row->newest : charges.places).add(seq); }
};

template <class Entity>
class Window {
 public:
  using Changes = std::unordered_map<std::string, Change<Entity>>;

  Change<Entity>& of(const std::string& id) { return changes_[id]; }
  std::size_t size() const { return changes_.size(); }
  void clear() { changes_.clear(); }

  /// By id: neighbours in the database are written one after another.
  std::vector<typename Changes::value_type*> sorted() {
    std::vector<typename Changes::value_type*> all;
    all.reserve(changes_.size());
    for (auto& change : changes_) all.push_back(&change);
    std::sort(all.begin(), all.end(), [](auto* a, auto* b) { return a->first < b->first; });
    return all;
  }

 private:
  Changes changes_;
};

}  // namespace toll::persistence
