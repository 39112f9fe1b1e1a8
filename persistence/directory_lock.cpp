#include "persistence/directory_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "persistence/storage.hpp"

namespace toll::persistence {

DirectoryLock::DirectoryLock(const std::string& directory, bool create) {
  const std::string path = directory + "/LOCK.toll";
  file_ = ::open(path.c_str(), O_CLOEXEC | (create ? O_RDWR | O_CREAT : O_RDONLY), 0644);
  if (file_ < 0) {
    throw StorageError("data directory " + directory + " cannot be used: " + path + ": " +
                       std::strerror(errno));
  }
  if (::flock(file_, LOCK_EX | LOCK_NB) != 0) {
    ::close(file_);
    throw StorageError("data directory " + directory + " is in use by another process");
  }
}

DirectoryLock::~DirectoryLock() { ::close(file_); }

}  // namespace toll::persistence
