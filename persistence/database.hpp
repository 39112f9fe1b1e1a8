// The two RocksDB databases of a data directory: how they are tuned, opened and verified. The rows
// have one of their own because a database has one queue of writers: the journal's next group does
// not wait behind a window of the rows. RocksDB's headers stay inside persistence/*.cpp and the
// headers that include this one.
#pragma once

#include <rocksdb/db.h>

#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "billing/types.hpp"
#include "persistence/disk_failure.hpp"
#include "persistence/table_checksums.hpp"

namespace toll::persistence {

/// Throws StorageError with what is wrong with a data directory.
[[noreturn]] void refuse(const std::string& directory, const std::string& why);
/// The same, unless the status is fine.
void need(const rocksdb::Status& status, const std::string& directory);

/// Visits the groups of an open journal: see JournalGroups. Throws StorageError for a key that is
/// no sequence number.
rocksdb::Status each_group(rocksdb::DB& db, rocksdb::ColumnFamilyHandle* journal, billing::Seq from,
                           const std::function<bool(billing::Seq, std::string_view)>& visit);

/// How the database of the rows is tuned.
rocksdb::ColumnFamilyOptions rows_options();

enum class OpenMode { read_write, read_only };

/// What is compared with the checksums in the manifests before anything is opened.
enum class Check {
  all,     ///< every byte of every table
  recent,  ///< the rows, and of the journal what comes after them and, if that is more, `after`
};

/// What was compared, and what was left.
struct TablesChecked {
  std::uint64_t tables = 0;
  std::uint64_t bytes = 0;
  std::vector<TableFile> left;
};

class Database {
 public:
  /// Verifies the table files, and that the journal has what its witness knows, then opens. Throws
  /// StorageError naming the file; nothing has been changed then. `env` is null for the real file
  /// system. References outlive the database.
  static std::unique_ptr<Database> open(
      const std::string& directory, rocksdb::Env* env, OpenMode mode, DiskFailure& failure,
      Check check = Check::all, billing::Seq after = std::numeric_limits<billing::Seq>::max());
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  const TablesChecked& checked() const { return checked_; }

  rocksdb::DB& db() { return *db_; }  ///< with the journal
  rocksdb::ColumnFamilyHandle* journal() const { return families_[1]; }
  rocksdb::DB& rows() { return *rows_; }

  /// The value under `key`, if there is one; a failing read is a broken disk.
  bool get(const char* key, std::string& value) const;
  bool get_row(const rocksdb::Slice& key, std::string& value,
               const rocksdb::ReadOptions& options = {}) const;

  /// Bytes of rows that no table has yet, and of the newest tables: a compaction makes these anew,
  /// with the level below them, before it removes any.
  std::uint64_t rows_to_write() const;

  /// One small synced write to the default family, for the values outside the journal.
  void put_synced(const char* key, const std::string& value);

  /// Bytes of the tables of the journal.
  std::uint64_t journal_bytes() const;

  /// Writes what is in memory to tables. Without it closing leaves that to the next start: it is in
  /// the log, or is folded again. An error is the listener's.
  void flush();

  /// Reports a broken disk unless the status is fine.
  void check(const rocksdb::Status& status, const char* doing) const;

 private:
  explicit Database(DiskFailure& failure) : failure_(failure) {}
  void check_closed(const std::string& directory, rocksdb::Env& env, Check check,
                    billing::Seq after);
  void open_journal(const std::string& directory, const rocksdb::DBOptions& all, OpenMode mode);
  void open_rows(const std::string& directory, const rocksdb::DBOptions& options, OpenMode mode);

  DiskFailure& failure_;
  TablesChecked checked_;
  std::unique_ptr<rocksdb::DB> db_;
  std::unique_ptr<rocksdb::DB> rows_;
  std::vector<rocksdb::ColumnFamilyHandle*> families_;  ///< of `db_`: the default one, the journal
};

/// Free space below which writes are refused: twice the memtables, the largest compaction below the
/// newest tables, and some.
inline constexpr std::uint64_t low_water_bytes =
    2 * (3 * (8u << 20) + 3 * (8u << 20)) + (48u << 20) + (64u << 20);

}  // namespace toll::persistence
