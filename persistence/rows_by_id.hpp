// Rows by the numbers of their ids, which are found sooner than by the ids themselves: a
// verification looks for several of them with each record.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <memory>

#include "persistence/charges.hpp"

namespace toll::persistence {

/// A number is RowHash's of the id. Two ids with the same number do not find each other.
template <class Entity>
class RowsById {
 public:
  using RowPtr = std::unique_ptr<Row<Entity>>;

  /// Null if there is none. Good until it is erased.
  Row<Entity>* find(std::uint64_t number, std::string_view id) const {
    const auto found = rows_.find(number);
    return found != rows_.end() && found->second->entity.id == id ? found->second.get() : nullptr;
  }
  /// Null if there is one already with this number.
  Row<Entity>* add(std::uint64_t number, Entity entity) {
    const auto [place, added] = rows_.try_emplace(number);
    if (!added) return nullptr;
    place->second = std::make_unique<Row<Entity>>(Row<Entity>{std::move(entity), {}});
    return place->second.get();
  }
  void erase(std::uint64_t number) { rows_.erase(number); }
  std::size_t size() const { return rows_.size(); }

  template <class Visit>
  void each(Visit visit) const {
    for (const auto& [number, row] : rows_) visit(*row);
  }

 private:
  boost::unordered_flat_map<std::uint64_t, RowPtr> rows_;
};

}  // namespace toll::persistence
