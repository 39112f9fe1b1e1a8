// Which version of the token file a server goes by, for whoever waits until it has a newer one. The
// server holds a shared lock on FILE.lock, at a place that the version gives; it ends with the
// server, however that ends.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <string>

namespace toll::access {

/// What tells one version of a file from another without reading it.
struct FileVersion {
  bool there = false;
  dev_t device{};
  ino_t inode{};
  off_t size{};
  std::int64_t changed_ns = 0;
  bool operator==(const FileVersion&) const = default;

  /// Throws TokenError if the system does not say, which is not the same as no file.
  static FileVersion of(const std::string& path);
  static FileVersion of(const struct stat& file);
};

/// The one name that a file has, whatever links lead to it; `path` itself where that cannot be
/// said.
std::string followed(const std::string& path);

/// Of one server. Where the lock file is not there, or may not be read, nothing is said.
class InForce {
 public:
  /// Of the file itself, if `file` is a link to it.
  explicit InForce(const std::string& file);
  ~InForce();
  InForce(const InForce&) = delete;
  InForce& operator=(const InForce&) = delete;

  /// The server may go by this version too from now on: said before it is read, so that nobody who
  /// replaces it meanwhile takes it for unused.
  void claim(const FileVersion& version);

  /// The server goes by this version and no other any more; or by none.
  void keep(const FileVersion& version);

 private:
  const std::string path_;
  int file_ = -1;
};

/// Whether no server goes by another version of the file than the one that is there now. Throws
/// TokenError.
bool only_this_in_force(const std::string& file);

}  // namespace toll::access
