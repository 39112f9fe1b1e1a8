// The token file of a running server: read again when it has changed. One thread.
#pragma once

#include <sys/stat.h>

#include "access/token_set.hpp"

namespace toll::access {

class WatchedTokens {
 public:
  /// Reads the file; one that is not there has no tokens yet. Throws TokenError.
  explicit WatchedTokens(std::string path);

  PrincipalPtr find(std::string_view token) const { return tokens_.find(token); }
  std::size_t size() const { return tokens_.size(); }

  /// Looks whether the file has changed (one system call) and reads it if so. True: it is read
  /// anew. Throws TokenError, once for each change, when it cannot be used, is gone included: the
  /// tokens that were known go on being known.
  bool refresh();

  /// The next refresh() reads the file even if it has not changed.
  void forget_version() { seen_ = {}; }

 private:
  /// What tells one version of the file from another without reading it.
  struct Version {
    bool there = false;
    dev_t device{};
    ino_t inode{};
    off_t size{};
    std::int64_t changed_ns = 0;
    bool operator==(const Version&) const = default;
  };
  Version version() const;
  void read();

  std::string path_;
  Version seen_;
  TokenSet tokens_;
};

}  // namespace toll::access
