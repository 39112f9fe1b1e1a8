#include "persistence/recent_tables.hpp"

#include <algorithm>
#include <set>

#include "persistence/closed_journal.hpp"
#include "persistence/row_merge.hpp"
#include "persistence/row_scan.hpp"

namespace toll::persistence {

namespace {

/// Files of the journal with nothing of the group that holds `mark`, nor after it. The tables of
/// the journal have no keys in common, so it is in the last one that begins before.
std::set<std::string> names_of_older(const ClosedJournal& journal, billing::Seq mark) {
  const std::vector<rocksdb::LiveFileMetaData> files = journal.tables();
  const auto after = std::find_if(files.begin(), files.end(), [key = group_key(mark)](auto& file) {
    return file.largestkey >= key;
  });
  const auto before = static_cast<std::size_t>(after - files.begin());
  std::set<std::string> names;
  for (std::size_t i = 0; i + 1 < before; ++i) names.insert(files[i].relative_filename);
  return names;
}

}  // namespace

TablesByAge tables_by_age(const std::string& directory, rocksdb::Env& env, billing::Seq mark,
                          const ClosedJournal& journal) {
  TablesByAge tables;
  tables.recent = tables_in(directory, env);
  if (mark == 0 || tables.recent.empty()) return tables;
  for (const TableFile& table : tables.recent) verify_table_end(table, env);
  const std::set<std::string> older = names_of_older(journal, mark);
  const auto begin = std::stable_partition(
      tables.recent.begin(), tables.recent.end(), [&](const TableFile& table) {
        return !older.contains(table.path.substr(directory.size() + 1));
      });
  tables.older.assign(begin, tables.recent.end());
  tables.recent.erase(begin, tables.recent.end());
  return tables;
}

billing::Seq mark_of_rows(const std::string& directory, rocksdb::Env& env) {
  if (!env.FileExists(directory + "/CURRENT").ok()) return 0;
  rocksdb::ColumnFamilyOptions rows;
  rows.merge_operator = row_merge();
  const Glance glance(directory, env, {{rocksdb::kDefaultColumnFamilyName, rows}});
  return glance.db ? mark_of(*glance.db).value_or(Mark()).applied : 0;
}

}  // namespace toll::persistence
