// The token file of a running server: read again when it has changed. One thread.
#pragma once

#include <chrono>
#include <memory>
#include <optional>

#include "access/in_force.hpp"
#include "access/token_set.hpp"

namespace toll::access {

class WatchedTokens {
 public:
  using Clock = std::chrono::steady_clock;

  /// So long the tokens of a file that cannot be read are believed: one of them may have been
  /// revoked meanwhile.
  static constexpr std::chrono::seconds patience{60};

  /// Reads the file; one that is not there has no tokens yet. Throws TokenError.
  explicit WatchedTokens(std::string path);

  /// Null too once the file could not be read for so long.
  PrincipalPtr find(std::string_view token) const { return tokens_.find(token); }
  std::size_t size() const { return tokens_.size(); }

  /// Looks whether the file has changed (one system call) and reads it if so. True: it is read
  /// anew. Throws TokenError when it cannot be used, is gone included, and tries again each second:
  /// meanwhile whom it knows stays known, for so long as there is patience.
  bool refresh(Clock::time_point now);

  /// The next refresh() reads the file even if it has not changed.
  void forget_version() { read_again_ = true; }

  /// Since when it cannot be used; none: it can.
  std::optional<Clock::time_point> unreadable_since() const { return unreadable_since_; }

  /// Nobody is known any more, because that lasts too long.
  bool given_up() const { return given_up_; }

 private:
  void read(const FileVersion& version);

  std::string path_;
  FileVersion seen_;
  TokenSet tokens_;
  bool read_again_ = false;
  std::optional<Clock::time_point> unreadable_since_;
  bool given_up_ = false;
  Clock::time_point try_at_;
  std::unique_ptr<InForce> in_force_;
};

}  // namespace toll::access
