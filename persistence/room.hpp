// Whether the disk has room for going on: asked before every write, so the answer is remembered.
#pragma once

#include <atomic>
#include <string>

namespace rocksdb {
class Env;
}

namespace toll::persistence {

class Room {
 public:
  /// `env` outlives it.
  Room(std::string directory, rocksdb::Env* env);

  /// False below the low-water mark. From any thread; asks the file system at most every 200 ms.
  bool enough() const;

 private:
  const std::string directory_;
  rocksdb::Env* const env_;
  mutable std::atomic<std::int64_t> asked_at_ms_;
  mutable std::atomic<bool> enough_{true};
};

}  // namespace toll::persistence
