#include "persistence/directory_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "persistence/format.hpp"
#include "persistence/storage.hpp"

namespace toll::persistence {

namespace {

[[noreturn]] void cannot_lock(const std::string& directory, const std::string& path) {
  throw StorageError("data directory " + directory + " cannot be used: " + path + ": " +
                     std::strerror(errno));
}

[[noreturn]] void in_use(const std::string& directory) {
  throw StorageError("data directory " + directory + " is in use by another process");
}

/// Nobody else has it, and nobody gets it before the descriptor is closed.
void take(int file, const std::string& directory, const std::string& path) {
  if (::flock(file, LOCK_EX | LOCK_NB) == 0) return;
  if (errno == EWOULDBLOCK) in_use(directory);
  cannot_lock(directory, path);
}

/// RocksDB's locks are of the kind that closing any descriptor of the file gives up: they are only
/// looked at, by a process that has none of them yet.
void need_free(const std::string& directory, const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return;  // there is none, or opening the database will say what is wrong with it
  struct flock wanted {};
  wanted.l_type = F_WRLCK;
  wanted.l_whence = SEEK_SET;
  const bool known = ::fcntl(file, F_GETLK, &wanted) == 0;
  ::close(file);
  if (known && wanted.l_type != F_UNLCK) in_use(directory);
}

void need_rocksdb_free(const std::string& directory) {
  need_free(directory, directory + "/LOCK");
  std::error_code unreadable;  // as above
  for (const auto& entry : std::filesystem::directory_iterator(directory, unreadable)) {
    if (!entry.path().filename().string().starts_with(format::rows_directories)) continue;
    need_free(directory, entry.path().string() + "/LOCK");
  }
}

}  // namespace

DirectoryLock::DirectoryLock(const std::string& directory, bool create) : directory_(directory) {
  const std::string path = directory + "/LOCK.toll";
  try {
    folder_ = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder_ < 0) cannot_lock(directory, directory);
    take(folder_, directory, directory);
    need_rocksdb_free(directory);
    file_ = ::open(path.c_str(), O_CLOEXEC | (create ? O_RDWR | O_CREAT : O_RDONLY), 0644);
    if (file_ < 0) cannot_lock(directory, path);
    take(file_, directory, path);
  } catch (...) {
    ::close(file_);
    ::close(folder_);
    throw;
  }
}

DirectoryLock::~DirectoryLock() {
  ::close(file_);
  ::close(folder_);
}

bool DirectoryLock::still_there() const {
  struct stat locked {};
  struct stat named {};
  if (::fstat(folder_, &locked) != 0) return true;
  if (::stat(directory_.c_str(), &named) != 0) return errno != ENOENT && errno != ENOTDIR;
  return named.st_dev == locked.st_dev && named.st_ino == locked.st_ino;
}

}  // namespace toll::persistence
