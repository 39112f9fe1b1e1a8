// Checksums of whole table files, known to the manifest. RocksDB parses parts of a table before it
// checks them, and Debian's build aborts on what it finds there; these are checked before it looks.
#pragma once

#include <memory>
#include <string>

namespace rocksdb {
class Env;
class FileChecksumGenFactory;
}  // namespace rocksdb

namespace toll::persistence {

/// Makes RocksDB record, for each table that it writes, the CRC-32C of every 4 KiB of it.
std::shared_ptr<rocksdb::FileChecksumGenFactory> table_checksums();

/// Checks every byte of a table against what the manifest says: the name of the checksum, and its
/// value. Throws StorageError with file and offset.
void verify_table(const std::string& path, const std::string& checksum, const std::string& expected,
                  rocksdb::Env& env);

/// Checks every byte of every table that the current manifest names and that is there. Throws
/// StorageError with file and offset. The manifest itself must have been checked (scan_logs).
void verify_tables(const std::string& directory, rocksdb::Env& env);

}  // namespace toll::persistence
