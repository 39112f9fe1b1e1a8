#include "persistence/database.hpp"

#include <rocksdb/cache.h>
#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/listener.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/table.h>

#include <algorithm>

#include "persistence/format.hpp"
#include "persistence/no_log.hpp"
#include "persistence/row_merge.hpp"
#include "persistence/storage.hpp"
#include "persistence/table_checksums.hpp"

namespace toll::persistence {

namespace {

constexpr std::size_t mib = 1u << 20;
constexpr std::size_t write_buffer_bytes = 8 * mib;  // low_water_bytes counts on these
constexpr std::size_t largest_compaction_bytes = 48 * mib;

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
  if (env) options.env = env;
  options.create_if_missing = true;
  options.create_missing_column_families = true;
  options.paranoid_checks = true;
  // A tail shorter than its declared length is dropped; everything else was checked by wal_scan
  // before. The default mode, kPointInTimeRecovery, would drop synced groups behind a flipped byte.
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  options.recycle_log_file_num = 0;
  options.max_bgerror_resume_count = 0;
  options.avoid_flush_during_shutdown = true;  // flush() says when
  // Rows are not in the log but hold it back until they are flushed: this bounds the log.
  options.max_total_wal_size = 32 * mib;
  options.max_background_jobs = 2;
  options.max_file_opening_threads = 2;
  options.max_manifest_file_size = 16 * mib;
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

/// Ascending keys and large values: files never overlap, so compactions only rename (trivial
/// moves); larger files keep their number small, because the journal is never truncated.
rocksdb::ColumnFamilyOptions journal_options(const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::ColumnFamilyOptions options = family_options();
  options.target_file_size_base = 64 * mib;
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = cache;
  table.block_size = 64 * 1024;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return options;
}

rocksdb::ColumnFamilyOptions rows_options(const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::ColumnFamilyOptions options = family_options();
  options.merge_operator = row_merge();
  // What a window changed comes in the order of the keys: a hint for each letter finds the place.
  options.memtable_insert_with_hint_prefix_extractor.reset(rocksdb::NewFixedPrefixTransform(1));
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = cache;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return options;
}

/// Families of rows that another version wrote; none in a directory that is not there yet.
std::vector<std::string> foreign_rows(const std::vector<std::string>& families) {
  std::vector<std::string> found;
  for (const std::string& name : families) {
    if (name.starts_with(format::rows_families) && name != format::rows_family) {
      found.push_back(name);
    }
  }
  return found;
}

[[noreturn]] void refuse(const std::string& directory, const std::string& why) {
  throw StorageError("data directory " + directory + ": " + why);
}

}  // namespace

std::unique_ptr<Database> Database::open(const std::string& directory, rocksdb::Env* env,
                                         OpenMode mode, DiskFailure& failure) {
  verify_tables(directory, env ? *env : *rocksdb::Env::Default());
  const auto cache = rocksdb::NewLRUCache(32 * mib);
  std::vector<rocksdb::ColumnFamilyDescriptor> descriptors{
      {rocksdb::kDefaultColumnFamilyName, family_options()},
      {format::journal_family, journal_options(cache)},
      {format::rows_family, rows_options(cache)}};
  const rocksdb::DBOptions options = database_options(env, failure);
  std::vector<std::string> existing;
  rocksdb::DB::ListColumnFamilies(options, directory, &existing).PermitUncheckedError();
  const auto foreign = foreign_rows(existing);
  if (mode == OpenMode::read_write) {
    for (const std::string& name : foreign) descriptors.emplace_back(name, family_options());
  } else if (!foreign.empty() && std::ranges::count(existing, format::rows_family) == 0) {
    refuse(directory, "its rows are of another version: the next start makes them again");
  }
  std::unique_ptr<Database> database(new Database(failure));
  rocksdb::DB* db = nullptr;
  const rocksdb::Status status =
      mode == OpenMode::read_write
          ? rocksdb::DB::Open(options, directory, descriptors, &database->families_, &db)
          : rocksdb::DB::OpenForReadOnly(options, directory, descriptors, &database->families_,
                                         &db);
  if (!status.ok()) refuse(directory, status.ToString());
  database->db_.reset(db);
  database->drop_beyond(3);
  return database;
}

Database::~Database() {
  if (!db_) return;
  for (rocksdb::ColumnFamilyHandle* family : families_) db_->DestroyColumnFamilyHandle(family);
}

bool Database::get(rocksdb::ColumnFamilyHandle* family, const rocksdb::Slice& key,
                   std::string& value, const rocksdb::ReadOptions& options) const {
  const rocksdb::Status status = db_->Get(options, family, key, &value);
  if (status.IsNotFound()) return false;
  check(status, "reading");
  return true;
}

void Database::put_synced(const char* key, const std::string& value) {
  rocksdb::WriteOptions options;
  options.sync = true;
  check(db_->Put(options, defaults(), key, value), "writing");
}

void Database::drop_beyond(std::size_t known) {
  for (; families_.size() > known; families_.pop_back()) {
    check(db_->DropColumnFamily(families_.back()), "dropping rows of another version");
    check(db_->DestroyColumnFamilyHandle(families_.back()), "dropping rows of another version");
  }
}

void Database::flush() { db_->Flush({}, families_).PermitUncheckedError(); }

void Database::check(const rocksdb::Status& status, const char* doing) const {
  if (!status.ok()) failure_.raise(std::string(doing) + ": " + status.ToString());
}

}  // namespace toll::persistence
