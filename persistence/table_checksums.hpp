// Checksums of whole table files, known to the manifest. RocksDB parses parts of a table before it
// checks them, and Debian's build aborts on what it finds there; these are checked before it looks.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

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

/// A table that the manifest names.
struct TableFile {
  std::string path;
  std::string checksum;  ///< its name
  std::string expected;
  std::uint64_t bytes = 0;
};

/// The tables that the current manifest names and that are there. Throws StorageError. The manifest
/// itself must have been checked (scan_logs).
std::vector<TableFile> tables_in(const std::string& directory, rocksdb::Env& env);

/// Checks every byte. Throws StorageError with file and offset. `pace` hears after each piece how
/// many bytes it had; false ends it there. False if it was ended, or the table is not there any
/// more: what a compaction has made of it is checked as a table of its own.
bool verify_table(const TableFile& table, rocksdb::Env& env,
                  const std::function<bool(std::size_t)>& pace);

/// Checks the size of a table and its last few KiB: all that RocksDB parses of it before it
/// compares checksums of its own. Throws as above.
void verify_table_end(const TableFile& table, rocksdb::Env& env);

/// Checks every byte of each of them, with two threads. Throws as above.
void verify_each(const std::vector<TableFile>& tables, rocksdb::Env& env);

/// Checks every byte of all of them.
void verify_tables(const std::string& directory, rocksdb::Env& env);

}  // namespace toll::persistence
