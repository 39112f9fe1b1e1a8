// What a window of records changed, of one kind of entity: each one whole, or only what it was
// charged.
#pragma once

#include <algorithm>
#include <array>
#include <boost/endian/conversion.hpp>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstring>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "persistence/charges.hpp"

namespace toll::persistence {

template <class Entity>
struct Change {
  std::string id;
  std::unique_ptr<Row<Entity>> row;       ///< the entity, once something needed it whole
  std::optional<billing::Status> listed;  ///< sessions: the status that the lists have, if any
  Charges charges;                        ///< empty if the row is here

  void post(billing::Seq seq) { (row ? row->newest : charges.places).add(seq); }
};

template <class Entity>
class Window {
 public:
  /// The reference is good until clear().
  Change<Entity>& of(const std::string& id) {
    const auto found = by_id_.find(id);
    if (found != by_id_.end()) return *found->second;
    Change<Entity>& change = changes_.emplace_back();
    change.id = id;
    by_id_.emplace(change.id, &change);
    return change;
  }
  std::size_t size() const { return changes_.size(); }
  void clear() {
    by_id_.clear();
    changes_.clear();
  }

  /// By id: neighbours in the database are written one after another.
  std::vector<Change<Entity>*> sorted() {
    std::vector<Place> places;
    places.reserve(changes_.size());
    for (auto& change : changes_) places.push_back({head(change.id), &change});
    std::sort(places.begin(), places.end());
    std::vector<Change<Entity>*> all;
    all.reserve(places.size());
    for (const Place& place : places) all.push_back(place.change);
    return all;
  }

 private:
  /// To follow the pointer costs more than to compare: the first bytes of the id lie beside it.
  struct Place {
    std::array<std::uint64_t, 2> head;
    Change<Entity>* change;
    friend bool operator<(const Place& a, const Place& b) {
      return a.head != b.head ? a.head < b.head : a.change->id < b.change->id;
    }
  };
  static std::array<std::uint64_t, 2> head(const std::string& id) {
    unsigned char bytes[16] = {};
    std::memcpy(bytes, id.data(), std::min(id.size(), sizeof bytes));
    return {boost::endian::load_big_u64(bytes), boost::endian::load_big_u64(bytes + 8)};
  }

  std::deque<Change<Entity>> changes_;  ///< nothing in it moves
  boost::unordered_flat_map<std::string_view, Change<Entity>*> by_id_;
};

}  // namespace toll::persistence
