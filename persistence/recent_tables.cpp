#include "persistence/recent_tables.hpp"

#include <algorithm>
#include <set>

#include "persistence/database.hpp"
#include "persistence/format.hpp"
#include "persistence/keys.hpp"
#include "persistence/no_log.hpp"
#include "persistence/row_merge.hpp"
#include "persistence/storage.hpp"

namespace toll::persistence {

namespace {

/// A database that is only looked at.
struct Glance {
  std::unique_ptr<rocksdb::DB> db;
  std::vector<rocksdb::ColumnFamilyHandle*> families;

  /// Empty if it cannot be opened: to say why is left to who opens it for good.
  Glance(const std::string& directory, rocksdb::Env& env,
         const std::vector<rocksdb::ColumnFamilyDescriptor>& wanted) {
    rocksdb::DBOptions options;
    options.env = &env;
    options.info_log = no_log();
    options.max_open_files = 64;
    options.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
    rocksdb::DB* opened = nullptr;
    rocksdb::DB::OpenForReadOnly(options, directory, wanted, &families, &opened)
        .PermitUncheckedError();
    db.reset(opened);
  }
  ~Glance() {
    if (!db) return;
    for (rocksdb::ColumnFamilyHandle* family : families) db->DestroyColumnFamilyHandle(family);
  }
  Glance(const Glance&) = delete;
  Glance& operator=(const Glance&) = delete;
};

bool there(const std::string& directory, rocksdb::Env& env) {
  return env.FileExists(directory + "/CURRENT").ok();
}

/// Files of the journal with nothing of the group that holds `mark`, nor after it. The tables of
/// the journal have no keys in common, so it is in the last one that begins before.
std::set<std::string> names_of_older(const Glance& glance, billing::Seq mark) {
  std::vector<rocksdb::LiveFileMetaData> files;
  glance.db->GetLiveFilesMetaData(&files);
  std::erase_if(files,
                [](const auto& file) { return file.column_family_name != format::journal_family; });
  std::sort(files.begin(), files.end(),
            [](const auto& a, const auto& b) { return a.smallestkey < b.smallestkey; });
  const auto after = std::find_if(files.begin(), files.end(), [key = group_key(mark)](auto& file) {
    return file.largestkey >= key;
  });
  const auto before = static_cast<std::size_t>(after - files.begin());
  std::set<std::string> names;
  for (std::size_t i = 0; i + 1 < before; ++i) names.insert(files[i].relative_filename);
  return names;
}

}  // namespace

TablesByAge tables_by_age(const std::string& directory, rocksdb::Env& env, billing::Seq mark) {
  TablesByAge tables;
  tables.recent = tables_in(directory, env);
  if (mark == 0 || tables.recent.empty()) return tables;
  for (const TableFile& table : tables.recent) verify_table_end(table, env);
  const Glance glance(directory, env,
                      {{rocksdb::kDefaultColumnFamilyName, {}}, {format::journal_family, {}}});
  if (!glance.db) return tables;
  const std::set<std::string> older = names_of_older(glance, mark);
  const auto begin = std::stable_partition(
      tables.recent.begin(), tables.recent.end(), [&](const TableFile& table) {
        return !older.contains(table.path.substr(directory.size() + 1));
      });
  tables.older.assign(begin, tables.recent.end());
  tables.recent.erase(begin, tables.recent.end());
  return tables;
}

billing::Seq mark_of_rows(const std::string& directory, rocksdb::Env& env) {
  if (!there(directory, env)) return 0;
  rocksdb::ColumnFamilyOptions rows;
  rows.merge_operator = row_merge();
  const Glance glance(directory, env, {{rocksdb::kDefaultColumnFamilyName, rows}});
  std::string stored;
  Mark mark;
  if (!glance.db || !glance.db->Get({}, keys::row(format::mark_row), &stored).ok()) return 0;
  return decode(stored, mark) ? mark.applied : 0;
}

}  // namespace toll::persistence
