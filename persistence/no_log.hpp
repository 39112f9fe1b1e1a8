// RocksDB writes a log for people beside the data. When one write of it fails, because the disk is
// full, the next one ends the process in Debian's build, which has assertions on. What matters in
// it comes as a status as well, so it is not kept.
#pragma once

#include <rocksdb/env.h>

#include <memory>

namespace toll::persistence {

inline std::shared_ptr<rocksdb::Logger> no_log() {
  struct NoLog final : rocksdb::Logger {
    using rocksdb::Logger::Logv;
    void Logv(const char*, va_list) override {}
  };
  return std::make_shared<NoLog>();
}

}  // namespace toll::persistence
