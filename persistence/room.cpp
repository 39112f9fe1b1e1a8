#include "persistence/room.hpp"

#include <rocksdb/env.h>

#include <algorithm>
#include <chrono>
#include <limits>

#include "persistence/database.hpp"

namespace toll::persistence {

namespace {

constexpr std::int64_t remember_ms = 200;

/// What the rows of a record may take until they are compacted.
constexpr std::uint64_t row_bytes_of_a_record = 512;
constexpr std::uint64_t last_bytes = 16u << 20;
constexpr std::uint64_t some_bytes = 24u << 20;

std::int64_t steady_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace

Room::Room(std::string directory, rocksdb::Env* env, std::function<std::uint64_t()> to_write)
    : directory_(std::move(directory)),
      env_(env),
      to_write_(std::move(to_write)),
      asked_at_ms_(steady_ms() - remember_ms) {
  remembered();
}

bool Room::enough(billing::Seq behind) const {
  return remembered() >= low_water_bytes + behind * row_bytes_of_a_record;
}

bool Room::for_tables() const { return ask_beside_rows() >= low_water_bytes; }

bool Room::any() const { return ask() >= last_bytes; }

bool Room::some() const { return ask() >= some_bytes; }

std::uint64_t Room::remembered() const {
  std::int64_t asked = asked_at_ms_;
  const std::int64_t now = steady_ms();
  if (now - asked < remember_ms) return free_bytes_;
  if (!asked_at_ms_.compare_exchange_strong(asked, now)) return free_bytes_;  // another one asks
  return free_bytes_ = ask_beside_rows();
}

/// What is left when the rows in memory are in tables, and compacted: a window may be larger than a
/// memtable should be.
std::uint64_t Room::ask_beside_rows() const {
  const std::uint64_t found = ask();
  return found - std::min(found, to_write_());
}

std::uint64_t Room::ask() const {
  std::uint64_t found = 0;
  // A file system that cannot say (one in memory) has room.
  if (!env_->GetFreeSpace(directory_, &found).ok()) return std::numeric_limits<std::int64_t>::max();
  return found;
}

}  // namespace toll::persistence
