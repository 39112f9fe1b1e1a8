#include "persistence/room.hpp"

#include <rocksdb/env.h>

#include <chrono>
#include <limits>

#include "persistence/database.hpp"

namespace toll::persistence {

namespace {

constexpr std::int64_t remember_ms = 200;

/// What the rows of a record may take until they are compacted.
constexpr std::uint64_t row_bytes_of_a_record = 512;
constexpr std::uint64_t last_bytes = 16u << 20;

std::int64_t steady_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace

Room::Room(std::string directory, rocksdb::Env* env)
    : directory_(std::move(directory)), env_(env), asked_at_ms_(steady_ms() - remember_ms) {
  free_bytes();
}

bool Room::enough(billing::Seq behind) const {
  return free_bytes() >= low_water_bytes + behind * row_bytes_of_a_record;
}

bool Room::any() const { return free_bytes() >= last_bytes; }

std::uint64_t Room::free_bytes() const {
  std::int64_t asked = asked_at_ms_;
  const std::int64_t now = steady_ms();
  if (now - asked < remember_ms) return free_bytes_;
  if (!asked_at_ms_.compare_exchange_strong(asked, now)) return free_bytes_;  // another one asks
  std::uint64_t found = 0;
  // A file system that cannot say (one in memory) has room.
  if (!env_->GetFreeSpace(directory_, &found).ok()) {
    found = std::numeric_limits<std::int64_t>::max();
  }
  return free_bytes_ = found;
}

}  // namespace toll::persistence
