// A file system whose power can be cut: what was not synced by then is gone, file contents and
// directory entries alike. A kill -9 cannot show a missing fsync, because the page cache survives.
#pragma once

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <map>
#include <memory>
#include <mutex>
#include <set>

namespace toll::test {

class PowerCutFileSystem final : public rocksdb::FileSystemWrapper {
 public:
  /// How much of what was not synced reaches the disk all the same.
  enum class Leftover { none, half };

  PowerCutFileSystem();

  const char* Name() const override { return "PowerCutFileSystem"; }

  /// The power goes out instead of the `n`-th sync from now on (n >= 1), of a file or a directory:
  /// it and everything after it fails.
  void cut_at_sync(std::size_t n);
  void cut_now();
  bool cut() const;

  /// Syncs seen so far: how many places there are to cut at.
  std::size_t syncs() const;

  /// Writes to the disk what the cut left: call when nobody uses the files any more.
  void leave(Leftover leftover);

  /// Called before each sync, on the thread that syncs.
  std::function<void()> before_sync = [] {};

  rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus ReopenWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                       std::unique_ptr<rocksdb::FSWritableFile>* file,
                                       rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus ReuseWritableFile(const std::string& name, const std::string& old_name,
                                      const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSWritableFile>* file,
                                      rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus NewRandomRWFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSRandomRWFile>* file,
                                    rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus NewDirectory(const std::string& name, const rocksdb::IOOptions& options,
                                 std::unique_ptr<rocksdb::FSDirectory>* directory,
                                 rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus RenameFile(const std::string& from, const std::string& to,
                               const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus DeleteFile(const std::string& name, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;

  // For the files and directories that it hands out.
  rocksdb::IOStatus alive() const;
  rocksdb::IOStatus count_sync();
  void wrote(const std::string& name, std::size_t bytes);
  void overwrites(const std::string& name, std::size_t offset, const std::string& bytes);
  void synced_file(const std::string& name);
  void synced_directory(const std::string& name);

 private:
  struct File {
    std::size_t size = 0;
    std::size_t synced = 0;
  };
  /// A name that a rename replaced, until the directory is synced.
  struct Replaced {
    bool existed = false;
    std::string content;
  };

  /// A file that is written in place, as of its last sync, and the last write since.
  struct Overwritten {
    std::string content;
    std::size_t offset = 0;
    std::string bytes;
  };

  mutable std::mutex mutex_;
  std::size_t syncs_ = 0;
  std::size_t cut_at_ = 0;  ///< 0: never
  bool cut_ = false;
  std::map<std::string, File> files_;
  std::set<std::string> new_names_;
  std::map<std::string, Replaced> replaced_;
  std::map<std::string, Overwritten> overwritten_;
};

/// The environment on it, in which nobody sleeps: RocksDB does for a second after a failure in the
/// background, which proves nothing in a test.
std::unique_ptr<rocksdb::Env> environment(std::shared_ptr<PowerCutFileSystem> files);

}  // namespace toll::test
