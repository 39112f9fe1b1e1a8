#include "persistence/room.hpp"

#include <rocksdb/env.h>

#include <chrono>

#include "persistence/database.hpp"

namespace toll::persistence {

namespace {

constexpr std::int64_t remember_ms = 200;

std::int64_t steady_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace

Room::Room(std::string directory, rocksdb::Env* env)
    : directory_(std::move(directory)), env_(env), asked_at_ms_(steady_ms() - remember_ms) {}

bool Room::enough() const {
  std::int64_t asked = asked_at_ms_;
  const std::int64_t now = steady_ms();
  if (now - asked < remember_ms) return enough_;
  if (!asked_at_ms_.compare_exchange_strong(asked, now)) return enough_;  // somebody else asks
  std::uint64_t free_bytes = 0;
  // A file system that cannot say (one in memory) has room.
  enough_ = !env_->GetFreeSpace(directory_, &free_bytes).ok() || free_bytes >= low_water_bytes;
  return enough_;
}

}  // namespace toll::persistence
