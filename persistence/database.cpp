#include "persistence/database.hpp"

#include <rocksdb/cache.h>
#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/listener.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/table.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "persistence/closed_journal.hpp"
#include "persistence/format.hpp"
#include "persistence/group.hpp"
#include "persistence/no_log.hpp"
#include "persistence/recent_tables.hpp"
#include "persistence/row_merge.hpp"
#include "persistence/storage.hpp"
#include "persistence/wal_scan.hpp"
#include "persistence/witness.hpp"

namespace toll::persistence {

namespace {

constexpr std::size_t mib = 1u << 20;
constexpr std::size_t write_buffer_bytes = 8 * mib;  // low_water_bytes counts on these
constexpr std::size_t largest_compaction_bytes = 48 * mib;
constexpr int most_open_tables = 256;  // of the journal

/// Hears of errors in flushes and compactions, which no caller of ours would see.
class BackgroundErrors final : public rocksdb::EventListener {
 public:
  explicit BackgroundErrors(DiskFailure& failure) : failure_(failure) {}

  void OnBackgroundError(rocksdb::BackgroundErrorReason, rocksdb::Status* status) override {
    failure_.note("background error: " + status->ToString());
  }

 private:
  DiskFailure& failure_;
};

rocksdb::DBOptions database_options(rocksdb::Env* env, DiskFailure& failure) {
  rocksdb::DBOptions options;
  options.env = env ? env : rocksdb::Env::Default();
  options.create_if_missing = true;
  options.create_missing_column_families = true;
  options.paranoid_checks = true;
  // A tail shorter than its declared length is dropped; everything else was checked by wal_scan
  // before. The default mode, kPointInTimeRecovery, would drop synced groups behind a flipped byte.
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  options.recycle_log_file_num = 0;
  options.max_bgerror_resume_count = 0;
  options.avoid_flush_during_shutdown = true;  // flush() says when
  // A sign of life holds the log back until the default family is flushed: this bounds the log.
  options.max_total_wal_size = 32 * mib;
  options.max_background_jobs = 2;
  options.max_file_opening_threads = 2;
  // It has a thousandth of what the tables have, and is written anew whenever it is too large.
  options.max_manifest_file_size = 256 * mib;
  // Every byte of a table file is under a checksum that the manifest knows.
  options.file_checksum_gen_factory = table_checksums();
  options.info_log = no_log();
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  options.listeners.push_back(std::make_shared<BackgroundErrors>(failure));
  return options;
}

rocksdb::ColumnFamilyOptions family_options() {
  rocksdb::ColumnFamilyOptions options;
  options.write_buffer_size = write_buffer_bytes;
  options.max_write_buffer_number = 3;
  options.compression = rocksdb::kLZ4Compression;
  options.target_file_size_base = 16 * mib;
  options.max_compaction_bytes = largest_compaction_bytes;
  return options;
}

/// Indexes and filters are in the cache like what they lead to: they grow with all that was ever
/// written, and memory should not.
rocksdb::BlockBasedTableOptions table_options(std::size_t cache_bytes) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = rocksdb::NewLRUCache(cache_bytes);
  table.cache_index_and_filter_blocks = true;
  table.index_type = rocksdb::BlockBasedTableOptions::kTwoLevelIndexSearch;
  table.partition_filters = true;
  return table;
}

/// Ascending keys and large values: files never overlap, so compactions only rename (trivial
/// moves); larger files keep their number small, because the journal is never truncated.
rocksdb::ColumnFamilyOptions journal_options() {
  rocksdb::ColumnFamilyOptions options = family_options();
  options.target_file_size_base = 64 * mib;
  rocksdb::BlockBasedTableOptions table = table_options(8 * mib);
  table.block_size = 64 * 1024;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return options;
}

/// Both databases may be opened, or neither is.
void need_access(const std::string& directory, OpenMode mode) {
  const int write = mode == OpenMode::read_write ? W_OK : 0;
  const auto need = [&](const std::string& path, int how) {
    if (::access(path.c_str(), how) == 0 || errno == ENOENT) return;
    refuse(directory, path + ": " + std::strerror(errno));
  };
  for (const std::string& part : {directory, directory + '/' + format::rows_directory}) {
    need(part, R_OK | X_OK | write);
    need(part + "/LOCK", write);
  }
}

/// Rows that another version wrote in a directory of their own.
void remove_foreign_rows(const std::string& directory, const rocksdb::DBOptions& options) {
  std::vector<std::string> names;
  need(options.env->GetChildren(directory, &names), directory);
  for (const std::string& name : names) {
    if (!name.starts_with(format::rows_directories) || name == format::rows_directory) continue;
    need(rocksdb::DestroyDB(directory + '/' + name, rocksdb::Options(options, {})), directory);
  }
}

}  // namespace

rocksdb::ColumnFamilyOptions rows_options() {
  rocksdb::ColumnFamilyOptions options = family_options();
  options.merge_operator = row_merge();
  // Where many sessions are live, each window touches most rows: twice the windows, half the work.
  options.level0_file_num_compaction_trigger = 8;
  // What a window changed comes in the order of the keys: a hint for each letter finds the place.
  options.memtable_insert_with_hint_prefix_extractor.reset(rocksdb::NewFixedPrefixTransform(1));
  rocksdb::BlockBasedTableOptions table = table_options(24 * mib);
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return options;
}

void refuse(const std::string& directory, const std::string& why) {
  throw StorageError("data directory " + directory + ": " + why);
}

void need(const rocksdb::Status& status, const std::string& directory) {
  if (!status.ok()) refuse(directory, status.ToString());
}

rocksdb::Status each_group(rocksdb::DB& db, rocksdb::ColumnFamilyHandle* journal, billing::Seq from,
                           const std::function<bool(billing::Seq, std::string_view)>& visit) {
  const std::unique_ptr<rocksdb::Iterator> groups(db.NewIterator({}, journal));
  groups->SeekForPrev(group_key(from));
  if (!groups->Valid() && groups->status().ok()) groups->SeekToFirst();
  for (; groups->Valid(); groups->Next()) {
    const auto first = parse_group_key(groups->key().ToStringView());
    if (!first) throw StorageError("the journal has a key that is no sequence number");
    if (!visit(*first, groups->value().ToStringView())) break;
  }
  return groups->status();
}

std::unique_ptr<Database> Database::open(const std::string& directory, rocksdb::Env* env,
                                         OpenMode mode, DiskFailure& failure, Check check,
                                         billing::Seq after) {
  const std::string rows = directory + '/' + format::rows_directory;
  const rocksdb::DBOptions options = database_options(env, failure);
  need_access(directory, mode);
  std::unique_ptr<Database> database(new Database(failure));
  database->check_closed(directory, *options.env, check, after);
  database->open_journal(directory, options, mode);
  if (mode == OpenMode::read_write) {
    remove_foreign_rows(directory, options);
  } else if (options.env->FileExists(rows + "/CURRENT").IsNotFound()) {
    refuse(directory, "it has no rows of this version: the next start makes them");
  }
  database->open_rows(rows, options, mode);
  return database;
}

void Database::check_closed(const std::string& directory, rocksdb::Env& env, Check check,
                            billing::Seq after) {
  const std::string rows = directory + '/' + format::rows_directory;
  const auto verify = [&](const std::vector<TableFile>& tables) {
    verify_each(tables, env);
    checked_.tables += tables.size();
    for (const TableFile& table : tables) checked_.bytes += table.bytes;
  };
  scan_logs(rows, env);
  verify(tables_in(rows, env));
  const ClosedJournal journal(directory, env);
  const billing::Seq mark = check == Check::all ? 0 : std::min(after, mark_of_rows(rows, env));
  TablesByAge tables = tables_by_age(directory, env, mark, journal);
  verify(tables.recent);
  checked_.left = std::move(tables.older);
  check_witness(directory, env, journal);
}

/// Families that are not the journal's are rows of an early version.
void Database::open_journal(const std::string& directory, const rocksdb::DBOptions& all,
                            OpenMode mode) {
  std::vector<rocksdb::ColumnFamilyDescriptor> descriptors{
      {rocksdb::kDefaultColumnFamilyName, family_options()},
      {format::journal_family, journal_options()}};
  // Not all tables of a long history: they would be opened at a start, and stay in memory.
  rocksdb::DBOptions options = all;
  options.max_open_files = most_open_tables;
  rocksdb::DB* db = nullptr;
  if (mode == OpenMode::read_only) {
    need(rocksdb::DB::OpenForReadOnly(options, directory, descriptors, &families_, &db), directory);
    db_.reset(db);
    return;
  }
  std::vector<std::string> existing;
  rocksdb::DB::ListColumnFamilies(options, directory, &existing).PermitUncheckedError();
  for (const std::string& name : existing) {
    if (!name.starts_with(format::rows_families)) continue;
    descriptors.emplace_back(name, family_options());
  }
  need(rocksdb::DB::Open(options, directory, descriptors, &families_, &db), directory);
  db_.reset(db);
  for (; families_.size() > 2; families_.pop_back()) {
    check(db_->DropColumnFamily(families_.back()), "dropping rows of another version");
    check(db_->DestroyColumnFamilyHandle(families_.back()), "dropping rows of another version");
  }
}

void Database::open_rows(const std::string& directory, const rocksdb::DBOptions& options,
                         OpenMode mode) {
  rocksdb::DB* db = nullptr;
  const rocksdb::Options all(options, rows_options());
  need(mode == OpenMode::read_write ? rocksdb::DB::Open(all, directory, &db)
                                    : rocksdb::DB::OpenForReadOnly(all, directory, &db),
       directory);
  rows_.reset(db);
}

Database::~Database() {
  if (!db_) return;
  for (rocksdb::ColumnFamilyHandle* family : families_) db_->DestroyColumnFamilyHandle(family);
}

bool Database::get(const char* key, std::string& value) const {
  const rocksdb::Status status = db_->Get({}, key, &value);
  if (!status.IsNotFound()) check(status, "reading");
  return status.ok();
}

bool Database::get_row(const rocksdb::Slice& key, std::string& value,
                       const rocksdb::ReadOptions& options) const {
  const rocksdb::Status status = rows_->Get(options, key, &value);
  if (!status.IsNotFound()) check(status, "reading rows");
  return status.ok();
}

std::uint64_t Database::rows_to_write() const {
  std::uint64_t bytes = 0;
  rows_->GetIntProperty(rocksdb::DB::Properties::kCurSizeAllMemTables, &bytes);
  rocksdb::ColumnFamilyMetaData rows;
  rows_->GetColumnFamilyMetaData(&rows);
  return bytes + rows.levels[0].size + rows.levels[1].size;
}

void Database::put_synced(const char* key, const std::string& value) {
  rocksdb::WriteOptions options;
  options.sync = true;
  check(db_->Put(options, key, value), "writing");
}

void Database::flush() {
  db_->Flush({}, families_).PermitUncheckedError();
  rows_->Flush({}).PermitUncheckedError();
}

void Database::check(const rocksdb::Status& status, const char* doing) const {
  if (!status.ok()) failure_.raise(std::string(doing) + ": " + status.ToString());
}

std::uint64_t Database::journal_bytes() const {
  std::uint64_t bytes = 0;
  db_->GetIntProperty(families_[1], rocksdb::DB::Properties::kTotalSstFilesSize, &bytes);
  return bytes;
}

}  // namespace toll::persistence
