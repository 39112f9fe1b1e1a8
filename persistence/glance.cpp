#include "persistence/glance.hpp"

#include "persistence/no_log.hpp"

namespace toll::persistence {

Glance::Glance(const std::string& directory, rocksdb::Env& env,
               const std::vector<rocksdb::ColumnFamilyDescriptor>& wanted, int most_open_tables) {
  rocksdb::DBOptions options;
  options.env = &env;
  options.info_log = no_log();
  options.max_open_files = most_open_tables;
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  rocksdb::DB* opened = nullptr;
  status = rocksdb::DB::OpenForReadOnly(options, directory, wanted, &families, &opened);
  db.reset(opened);
}

Glance::~Glance() {
  if (!db) return;
  for (rocksdb::ColumnFamilyHandle* family : families) db->DestroyColumnFamilyHandle(family);
}

}  // namespace toll::persistence
