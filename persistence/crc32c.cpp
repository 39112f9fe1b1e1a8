#include "persistence/crc32c.hpp"

#include <rocksdb/file_checksum.h>

namespace toll::persistence {

std::uint32_t crc32c(std::string_view bytes) {
  // The one public door to RocksDB's own, fast one; it gives the number big-endian.
  static const auto factory = rocksdb::GetFileChecksumGenCrc32cFactory();
  const auto generator = factory->CreateFileChecksumGenerator({});
  generator->Update(bytes.data(), bytes.size());
  generator->Finalize();
  std::uint32_t value = 0;
  for (const char byte : generator->GetChecksum()) {
    value = value << 8 | static_cast<std::uint8_t>(byte);
  }
  return value;
}

}  // namespace toll::persistence
