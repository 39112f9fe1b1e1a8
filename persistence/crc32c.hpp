// CRC-32C, as RocksDB computes it.
#pragma once

#include <cstdint>
#include <string_view>

namespace toll::persistence {

std::uint32_t crc32c(std::string_view bytes);

}  // namespace toll::persistence
