#include <rocksdb/env.h>

#include <algorithm>
#include <memory>

#include "persistence/database.hpp"
#include "persistence/format.hpp"
#include "persistence/group.hpp"
#include "persistence/no_log.hpp"
#include "persistence/rocks_journal_store.hpp"
#include "persistence/storage.hpp"
#include "persistence/witness.hpp"

namespace toll::persistence {

namespace {

/// The journal as it lies there. RocksDB writes nothing to open it so, and a log that it would
/// remove at its next start, because it was flushed or because one before it misses, stays.
class ClosedJournal final : public JournalGroups {
 public:
  ClosedJournal(const std::string& directory, rocksdb::Env& env) : directory_(directory) {
    rocksdb::DBOptions options;
    options.env = &env;
    options.info_log = no_log();
    options.max_open_files = 64;  // not all tables of a long history
    options.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
    rocksdb::DB* db = nullptr;
    persistence::need(rocksdb::DB::OpenForReadOnly(
                          options, directory,
                          {{rocksdb::kDefaultColumnFamilyName, {}}, {format::journal_family, {}}},
                          &families_, &db),
                      directory);
    db_.reset(db);
  }
  ~ClosedJournal() override {
    for (rocksdb::ColumnFamilyHandle* family : families_) db_->DestroyColumnFamilyHandle(family);
  }

  /// Of all groups that are not in tables: whether one of several logs misses. What is in tables is
  /// compared with the checksums of the manifest.
  void check_chain() const {
    rocksdb::ColumnFamilyMetaData tables;
    db_->GetColumnFamilyMetaData(families_[1], &tables);
    Mark last;
    for (const auto& level : tables.levels) {
      for (const auto& table : level.files) {
        last.applied = std::max(last.applied, parse_group_key(table.largestkey).value_or(0));
      }
    }
    check_journal(*this, last);
  }

  void read(billing::Seq from,
            const std::function<bool(billing::Seq, std::string_view)>& visit) const override {
    persistence::need(each_group(*db_, families_[1], from, visit), directory_);
  }

 private:
  const std::string directory_;
  std::unique_ptr<rocksdb::DB> db_;
  std::vector<rocksdb::ColumnFamilyHandle*> families_;
};

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

void check_witness(const std::string& directory, rocksdb::Env& env) {
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
  const ClosedJournal journal(directory, env);
  need_witnessed(directory, journal, *testimony);
  journal.check_chain();
}

}  // namespace toll::persistence
