#include "access/in_force.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "access/token.hpp"

namespace toll::access {

namespace {

constexpr std::int64_t last_place = INT64_MAX - 1;

/// A place in the lock file, which is empty: locks may be beyond the end.
std::int64_t place_of(const FileVersion& version) {
  std::uint64_t mixed = 0;
  for (const std::uint64_t part :
       {static_cast<std::uint64_t>(version.device), static_cast<std::uint64_t>(version.inode),
        static_cast<std::uint64_t>(version.size), static_cast<std::uint64_t>(version.changed_ns)}) {
    mixed = (mixed ^ part) * 0x9E3779B97F4A7C15u;
    mixed ^= mixed >> 29;
  }
  return static_cast<std::int64_t>(mixed >> 2) + 1;  // neither the first place nor the last
}

struct flock range(short type, std::int64_t from, std::int64_t length) {
  struct flock wanted {};
  wanted.l_type = type;
  wanted.l_whence = SEEK_SET;
  wanted.l_start = from;
  wanted.l_len = length;
  return wanted;
}

void set(int file, short type, std::int64_t from, std::int64_t length) {
  struct flock wanted = range(type, from, length);
  ::fcntl(file, F_OFD_SETLK, &wanted);
}

bool locked(int file, std::int64_t from, std::int64_t length) {
  struct flock found = range(F_WRLCK, from, length);
  return ::fcntl(file, F_OFD_GETLK, &found) == 0 && found.l_type != F_UNLCK;
}

}  // namespace

std::string followed(const std::string& path) {
  std::error_code unknown;
  const auto real = std::filesystem::weakly_canonical(std::filesystem::absolute(path), unknown);
  return unknown ? path : real.string();
}

FileVersion FileVersion::of(const std::string& path) {
  struct stat file {};
  if (::stat(path.c_str(), &file) == 0) return of(file);
  if (errno == ENOENT) return {};
  throw TokenError(path + ": " + std::strerror(errno));
}

FileVersion FileVersion::of(const struct stat& file) {
  // The inode's own change time also moves when somebody sets the modification time back.
  return {true, file.st_dev, file.st_ino, file.st_size,
          file.st_ctim.tv_sec * std::int64_t{1'000'000'000} + file.st_ctim.tv_nsec};
}

InForce::InForce(const std::string& file) : path_(followed(file) + ".lock") {}

InForce::~InForce() {
  if (file_ >= 0) ::close(file_);
}

void InForce::claim(const FileVersion& version) {
  if (file_ < 0) file_ = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC);
  if (file_ >= 0 && version.there) set(file_, F_RDLCK, place_of(version), 1);
}

void InForce::keep(const FileVersion& version) {
  claim(version);
  if (file_ < 0) return;
  const std::int64_t place = version.there ? place_of(version) : 0;
  if (place > 0) set(file_, F_UNLCK, 0, place);
  set(file_, F_UNLCK, place + (version.there ? 1 : 0), last_place - place);
}

bool only_this_in_force(const std::string& file) {
  const FileVersion version = FileVersion::of(file);
  const int lock = ::open((file + ".lock").c_str(), O_RDONLY | O_CLOEXEC);
  if (lock < 0) throw TokenError(file + ".lock: " + std::strerror(errno));
  const std::int64_t place = place_of(version);
  const bool another = locked(lock, 0, place) || locked(lock, place + 1, last_place - place);
  ::close(lock);
  return !another;
}

}  // namespace toll::access
