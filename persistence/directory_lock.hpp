// One process at a time uses a data directory.
#pragma once

#include <string>

namespace toll::persistence {

class DirectoryLock {
 public:
  /// Takes the locks of all versions, until destruction or the end of the process, however it ends:
  /// on the directory itself, which nobody can remove from it, and on DIR/LOCK.toll. Those of
  /// RocksDB, which takes them later, must be free. Throws StorageError if another process has one
  /// of them, and has changed nothing then. `create`: LOCK.toll is made if it is not there.
  DirectoryLock(const std::string& directory, bool create);
  ~DirectoryLock();
  DirectoryLock(const DirectoryLock&) = delete;
  DirectoryLock& operator=(const DirectoryLock&) = delete;

  /// False once another directory, or none, has the name of the one that is locked.
  bool still_there() const;

 private:
  const std::string directory_;
  int folder_ = -1;
  int file_ = -1;
};

}  // namespace toll::persistence
