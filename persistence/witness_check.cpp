#include <rocksdb/env.h>

#include <algorithm>

#include "persistence/closed_journal.hpp"
#include "persistence/database.hpp"
#include "persistence/group.hpp"
#include "persistence/witness.hpp"

namespace toll::persistence {

namespace {

/// Of all groups that are not in tables: whether one of several logs misses. What is in tables is
/// compared with the checksums of the manifest.
void check_chain(const ClosedJournal& journal) {
  Mark last;
  for (const auto& table : journal.tables()) {
    last.applied = std::max(last.applied, parse_group_key(table.largestkey).value_or(0));
  }
  check_journal(journal, last);
}

/// RocksDB would begin anew, and remove what is there.
void need_no_tables(const std::string& directory, rocksdb::Env& env) {
  std::vector<std::string> names;
  if (!env.GetChildren(directory, &names).ok()) return;
  for (const std::string& name : names) {
    if (!name.ends_with(".sst") && !name.starts_with("MANIFEST-")) continue;
    refuse(directory, "CURRENT is missing, and without it " + name +
                          " is nothing: put it back, or restore from a backup (tollctl restore)");
  }
}

}  // namespace

void check_witness(const std::string& directory, rocksdb::Env& env, const ClosedJournal& journal) {
  const auto testimony = read_witness(directory, env);
  if (env.FileExists(directory + "/CURRENT").IsNotFound()) {
    need_no_tables(directory, env);
    if (testimony && testimony->known.head > 0) {
      refuse(directory, "the journal is gone, which had record " +
                            std::to_string(testimony->known.head) +
                            ": put it back, or restore from a backup (tollctl restore)");
    }
    return;
  }
  if (!testimony || testimony->known.head == 0) return;
  need_witnessed(directory, journal, *testimony);
  check_chain(journal);
}

}  // namespace toll::persistence
