// Tables that are made beside a database, of rows that come in the order of their keys, and that it
// then takes in as they are: each row is written once, and never compacted.
#pragma once

#include <rocksdb/sst_file_writer.h>

#include <string>
#include <string_view>
#include <vector>

#include "persistence/database.hpp"

namespace toll::persistence {

struct MadeTable {
  std::string path;
  std::string checksum;
  std::string checksum_name;
};

/// Where tables go: a database, one of its families, and what is said of errors.
struct TablesFor {
  Database& database;
  rocksdb::DB& db;
  rocksdb::ColumnFamilyHandle* family;
  const char* doing;
};

class TableWriter {
 public:
  /// The tables are files whose names begin with `place`, as large as the family has them.
  TableWriter(const TablesFor& to, std::string place);
  ~TableWriter();

  /// `key` is beyond all keys so far. An error is a broken disk.
  void put(std::string_view key, std::string_view value);

  /// Completes and syncs what was put. Nothing may be put afterwards.
  std::vector<MadeTable> finish();

 private:
  void open();
  void close();

  const TablesFor to_;
  const std::string place_;
  const rocksdb::Options options_;
  std::unique_ptr<rocksdb::SstFileWriter> writer_;
  std::vector<MadeTable> made_;
};

/// Moves these tables, which have no keys in common with each other or with what is there, into the
/// database, all at once. An error is a broken disk.
void take_in(const TablesFor& to, const std::vector<MadeTable>& tables);

}  // namespace toll::persistence
