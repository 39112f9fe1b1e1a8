// A closed database that is only looked at: RocksDB writes nothing to open it so, and a log that it
// would remove at its next start, because it was flushed or because one before it misses, stays.
#pragma once

#include <rocksdb/db.h>

#include <memory>
#include <string>
#include <vector>

namespace toll::persistence {

struct Glance {
  std::unique_ptr<rocksdb::DB> db;  ///< null if it cannot be opened: `status` says why
  std::vector<rocksdb::ColumnFamilyHandle*> families;
  rocksdb::Status status;

  /// Not all tables of a long history are kept open.
  Glance(const std::string& directory, rocksdb::Env& env,
         const std::vector<rocksdb::ColumnFamilyDescriptor>& wanted, int most_open_tables = 64);
  ~Glance();
  Glance(const Glance&) = delete;
  Glance& operator=(const Glance&) = delete;
};

}  // namespace toll::persistence
