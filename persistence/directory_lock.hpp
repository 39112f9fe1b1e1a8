// One process at a time uses a data directory.
#pragma once

#include <string>

namespace toll::persistence {

class DirectoryLock {
 public:
  /// Locks DIR/LOCK.toll until destruction or the end of the process, however it ends. Throws
  /// StorageError if another process has it. `create`: the file is made if it is not there.
  DirectoryLock(const std::string& directory, bool create);
  ~DirectoryLock();
  DirectoryLock(const DirectoryLock&) = delete;
  DirectoryLock& operator=(const DirectoryLock&) = delete;

 private:
  int file_ = -1;
};

}  // namespace toll::persistence
