// The write-ahead log as it lies on disk, read before RocksDB does: what is torn may be dropped,
// what is damaged may not, and RocksDB's recovery does not tell the two apart well enough.
#pragma once

#include <cstdint>
#include <string>

namespace rocksdb {
class Env;
}

namespace toll::persistence {

/// Checks every log and the current manifest in `directory`. Returns how many bytes at their ends
/// are records shorter than declared: those were never acknowledged. Throws StorageError naming
/// file and offset for anything else that is not what was written. A missing directory has none.
std::uint64_t scan_logs(const std::string& directory, rocksdb::Env& env);

}  // namespace toll::persistence
