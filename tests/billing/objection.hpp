// The second books (billing/invariants.hpp) against the records and the entities of a test.
#pragma once

#include "tests/billing/world.hpp"

namespace toll::tests {

/// What the books say against these records, or against the entities that they are compared with;
/// empty when they agree.
std::string objection(const PolicyBook& policies, const std::vector<Record>& records,
                      const World& folded);

/// What the books say of `world` after `cook` has changed its last record that is a T.
template <class T, class Cook>
std::string objection_to_record(const World& world, Cook cook) {
  std::vector<Record> records = world.records;
  for (auto record = records.rbegin(); record != records.rend(); ++record) {
    if (auto* fact = std::get_if<T>(&record->fact)) {
      cook(*fact);
      return objection(world.policies, records, world);
    }
  }
  return "no such record";
}

/// What the books say when an entity was changed behind the journal's back.
template <class Cook>
std::string objection_to_entities(World world, Cook cook) {
  cook(world);
  return objection(world.policies, world.records, world);
}

}  // namespace toll::tests
