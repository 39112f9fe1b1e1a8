#include "persistence/history_check.hpp"

#include <pthread.h>
#include <rocksdb/env.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "persistence/format.hpp"

namespace toll::persistence {

namespace {

/// What a disk hardly notices: 100 GB in half an hour.
constexpr std::int64_t bytes_per_second = 64 << 20;

std::string note_in(const std::string& directory) {
  return directory + '/' + format::damaged_history_file;
}

}  // namespace

HistoryCheck::HistoryCheck(const StorageOptions& options, std::vector<TableFile> tables,
                           rocksdb::Env& env)
    : options_(options), tables_(std::move(tables)), env_(env) {
  state_.tables_left = tables_.size();
  for (const TableFile& table : tables_) state_.bytes_left += table.bytes;
  thread_ = std::thread([this] { run(); });
}

HistoryCheck::~HistoryCheck() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

HistoryState HistoryCheck::state() const {
  const std::lock_guard lock(mutex_);
  return state_;
}

void HistoryCheck::run() {
  pthread_setname_np(pthread_self(), "toll.history");
  for (const TableFile& table : tables_) {
    check(table);
    const std::lock_guard lock(mutex_);
    if (stopping_) return;
    --state_.tables_left;
    state_.bytes_left -= table.bytes;
  }
  if (state().tables_damaged == 0) forget_damaged_history(options_.directory);
  options_.on_history_checked(state());
}

void HistoryCheck::check(const TableFile& table) {
  try {
    verify_table(table, env_, [this](std::size_t bytes) { return pace(bytes); });
  } catch (const StorageError& error) {
    // It may have been compacted away meanwhile.
    if (!env_.FileExists(table.path).IsNotFound()) damaged(error.what());
  }
}

void HistoryCheck::damaged(const std::string& what) {
  {
    const std::lock_guard lock(mutex_);
    ++state_.tables_damaged;
  }
  note_damaged_history(options_.directory, what);
  options_.on_damaged_history(what);
}

bool HistoryCheck::pace(std::size_t bytes) {
  const auto time =
      std::chrono::microseconds(static_cast<std::int64_t>(bytes) * 1'000'000 / bytes_per_second);
  std::unique_lock lock(mutex_);
  return !wake_.wait_for(lock, time, [this] { return stopping_; });
}

void note_damaged_history(const std::string& directory, const std::string& what) {
  std::ofstream(note_in(directory), std::ios::binary | std::ios::trunc) << what;
}

void forget_damaged_history(const std::string& directory) {
  std::error_code none;
  std::filesystem::remove(note_in(directory), none);
}

std::optional<std::string> noted_damaged_history(const std::string& directory) {
  std::ifstream file(note_in(directory), std::ios::binary);
  if (!file) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(file), {});
}

}  // namespace toll::persistence
