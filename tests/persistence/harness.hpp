// Opening, filling and inspecting data directories in tests.
#pragma once

#include <filesystem>
#include <vector>

#include "persistence/storage.hpp"

namespace toll::test {

/// Thrown in place of the end of the process.
struct BrokenDisk {
  std::string what;
};

/// Remembers that the gate opened.
struct Opened final : persistence::Waiter {
  int times = 0;
  void durable() noexcept override { ++times; }
};

/// Options of a storage that moves by pump() only, and throws BrokenDisk.
persistence::StorageOptions by_hand(const std::string& directory, rocksdb::Env* env = nullptr);

/// Appends the records, pumping after every `step` of them.
void fill(persistence::Storage& storage, const std::vector<billing::Record>& records,
          std::size_t step = 1);

/// Makes a directory with these records, as a stopped server leaves it; or, not `closed`, as one
/// that was killed, with everything in the log.
void make_directory(const std::string& directory, const std::vector<billing::Record>& records,
                    bool closed = true);

/// Every durable record.
std::vector<billing::Record> events(persistence::Storage& storage);

/// Those with this extension, or all, that are not empty; in the order of their names.
std::vector<std::filesystem::path> files(const std::string& directory,
                                         const std::string& extension = "");
std::string content(const std::filesystem::path& file);
void overwrite(const std::filesystem::path& file, const std::string& bytes);

}  // namespace toll::test
