// How much room the disk has for going on.
#pragma once

#include <atomic>
#include <functional>
#include <string>

#include "billing/types.hpp"

namespace rocksdb {
class Env;
}

namespace toll::persistence {

class Room {
 public:
  /// `env` outlives it. `to_write`: bytes of rows that flushes and compactions may have to write
  /// before they can remove anything.
  Room(std::string directory, rocksdb::Env* env, std::function<std::uint64_t()> to_write);

  /// False below the low-water mark, and while the rows may need what is above it to come up to the
  /// journal, which they are so many records `behind`. From any thread, as the others. It is for
  /// every request, and asks the file system at most every 200 ms; the others ask each time.
  bool enough(billing::Seq behind) const;

  /// Bytes.
  std::uint64_t free() const { return ask(); }

  /// False when what is in memory may not fit into tables.
  bool for_tables() const;

  /// False when even small writes could fail.
  bool any() const;

  /// False when there is hardly more than that.
  bool some() const;

 private:
  std::uint64_t remembered() const;
  std::uint64_t ask() const;
  std::uint64_t ask_beside_rows() const;

  const std::string directory_;
  rocksdb::Env* const env_;
  const std::function<std::uint64_t()> to_write_;
  mutable std::atomic<std::int64_t> asked_at_ms_;
  mutable std::atomic<std::uint64_t> free_bytes_{0};
};

}  // namespace toll::persistence
