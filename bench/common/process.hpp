// What a process has used so far, as the kernel counts it: this one, or a server under test.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>

namespace toll::bench {

struct Usage {
  double cpu_s = 0;                ///< all its threads, user and system
  std::int64_t written_bytes = 0;  ///< that it made the file system write, in whole pages
  std::int64_t rss_bytes = 0;
};

/// `pid` 0 is this process. Throws std::runtime_error when there is no such process.
Usage usage_of(pid_t pid = 0);

/// CPU time of the calling thread, in seconds.
double thread_cpu_s();

/// A new directory, removed with everything in it.
class TemporaryDirectory {
 public:
  /// Under `parent`, which must be on a real disk; empty: the system's.
  explicit TemporaryDirectory(const std::filesystem::path& parent = {});
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// Median time of an append of 256 bytes and fdatasync to a file in this directory: what one
/// durable answer costs at least.
double fsync_us(const std::filesystem::path& directory);

}  // namespace toll::bench
