// A journal on a store in memory, moved by hand.
#pragma once

#include "persistence/group_journal.hpp"
#include "tests/persistence/harness.hpp"
#include "tests/persistence/memory_store.hpp"

namespace toll::test {

using namespace persistence;

struct Fixture {
  MemoryStore store;
  DiskFailure failure{[](const std::string& what) { throw BrokenDisk{what}; }, true};
  std::atomic<billing::Seq> applied{0};
  std::vector<GroupWritten> written;
  GroupJournal journal{store,   failure,
                       applied, 0,
                       {},      [this](const GroupWritten& group) { written.push_back(group); }};
};

}  // namespace toll::test
