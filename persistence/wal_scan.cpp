#include "persistence/wal_scan.hpp"

#include <rocksdb/env.h>

#include <algorithm>
#include <vector>

#include "persistence/crc32c.hpp"
#include "persistence/storage.hpp"

namespace toll::persistence {

namespace {

// RocksDB's log format: blocks of 32 KiB; a fragment is 7 bytes of header (masked CRC-32C of type
// and payload, payload length, type; little-endian) and payload, and never crosses a block; fewer
// than 7 bytes left in a block are zero.
constexpr std::size_t block_bytes = 32 * 1024;
constexpr std::size_t header_bytes = 7;
enum FragmentType : std::uint8_t { zero = 0, full = 1, first = 2, middle = 3, last = 4 };

std::uint32_t little_endian(std::string_view bytes) {
  std::uint32_t value = 0;
  for (std::size_t i = bytes.size(); i-- > 0;) {
    value = value << 8 | static_cast<std::uint8_t>(bytes[i]);
  }
  return value;
}

std::uint32_t unmask(std::uint32_t masked) {
  const std::uint32_t rotated = masked - 0xa282ead8u;
  return rotated >> 17 | rotated << 15;
}

bool all_zero(std::string_view bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](char c) { return c == 0; });
}

class LogScan {
 public:
  LogScan(std::string name, std::string_view bytes) : name_(std::move(name)), bytes_(bytes) {}

  /// How many bytes at the end are torn.
  std::uint64_t run() {
    while (place_ < bytes_.size() && fragment()) {
    }
    return bytes_.size() - (place_ < bytes_.size() || open_ ? record_ : place_);
  }

 private:
  /// Checks the fragment at place_; false at a torn end.
  bool fragment() {
    const std::size_t in_block = block_bytes - place_ % block_bytes;
    const std::string_view rest = bytes_.substr(place_, in_block);
    if (!open_) record_ = place_;
    if (in_block < header_bytes) {
      if (!all_zero(rest)) damaged("padding that is not zero");
      place_ += rest.size();
      return true;
    }
    if (rest.size() < header_bytes) return false;
    const std::uint32_t checksum = unmask(little_endian(rest.substr(0, 4)));
    const std::size_t length = little_endian(rest.substr(4, 2));
    const auto type = static_cast<std::uint8_t>(rest[6]);
    if (type == zero) {
      // Room that the file system gave but nothing was written to.
      if (!all_zero(bytes_.substr(place_))) damaged("a fragment without a type");
      return false;
    }
    if (header_bytes + length > rest.size()) {
      if (header_bytes + length > in_block) damaged("a fragment longer than its block");
      if (fits_shorter(rest, checksum)) damaged("a wrong length");
      return false;
    }
    if (crc32c(rest.substr(6, 1 + length)) != checksum) damaged("a wrong checksum");
    follow(type);
    place_ += header_bytes + length;
    return true;
  }

  void follow(std::uint8_t type) {
    const bool begins = type == full || type == first;
    if (type > last || begins == open_) damaged("a fragment out of order");
    open_ = type == first || type == middle;
  }

  /// The checksum does not cover the length: whether it is the length that is wrong, and the
  /// fragment is not torn at all, shows in its being right for a shorter payload.
  bool fits_shorter(std::string_view rest, std::uint32_t checksum) const {
    for (std::size_t end = header_bytes; end <= rest.size(); ++end) {
      if (crc32c(rest.substr(6, end - 6)) == checksum) return true;
    }
    return false;
  }

  [[noreturn]] void damaged(const char* what) const {
    throw StorageError(name_ + " is damaged at offset " + std::to_string(place_) + ": " + what);
  }

  const std::string name_;
  const std::string_view bytes_;
  std::size_t place_ = 0;
  std::size_t record_ = 0;  ///< where the record begins that place_ is in
  bool open_ = false;       ///< a record has begun and not ended
};

std::uint64_t scan_file(const std::string& path, rocksdb::Env& env) {
  std::string bytes;
  const rocksdb::Status status = rocksdb::ReadFileToString(&env, path, &bytes);
  if (!status.ok()) throw StorageError(path + ": " + status.ToString());
  return LogScan(path, bytes).run();
}

bool is_log(const std::string& name) {
  return name.ends_with(".log") && name.find_first_not_of("0123456789") == name.size() - 4;
}

}  // namespace

std::uint64_t scan_logs(const std::string& directory, rocksdb::Env& env) {
  std::vector<std::string> names;
  if (!env.GetChildren(directory, &names).ok()) return 0;
  std::uint64_t torn = 0;
  for (const std::string& name : names) {
    if (is_log(name)) torn += scan_file(directory + '/' + name, env);
  }
  std::string manifest;
  if (rocksdb::ReadFileToString(&env, directory + "/CURRENT", &manifest).ok()) {
    manifest.erase(std::find(manifest.begin(), manifest.end(), '\n'), manifest.end());
    scan_file(directory + '/' + manifest, env);
  }
  return torn;
}

}  // namespace toll::persistence
