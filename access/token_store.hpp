// Changes a token file: what `tollctl token` does. Each change is made under a lock, FILE.lock, and
// replaces the file as a whole, so two at once lose nothing and a reader, or a crash,
// sees the file before or after it. A file that is not there has no tokens.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "access/token.hpp"

namespace toll::access {

class TokenStore {
 public:
  /// Follows symbolic links, so that what is replaced is the file itself.
  explicit TokenStore(const std::string& path);

  /// A new token, on disk when this returns; nobody can learn it again. Throws TokenError when the
  /// name is taken or not valid.
  std::string create(const std::string& name, const Grant& grant);

  /// In the order of their creation.
  std::vector<Token> list() const;

  /// Throws TokenError when there is no token of this name.
  void revoke(const std::string& name);

  /// Waits until every server goes by the file as it is now, or by none. False: one still goes by
  /// an earlier one after so long. Throws TokenError.
  bool wait_until_in_force(std::chrono::milliseconds at_most) const;

 private:
  void replace(const std::vector<Token>& tokens) const;

  std::string path_;
  bool new_lock_ = false;  ///< this change has made the lock file
};

/// The text of a token file; none when there is no such file. Throws TokenError.
std::optional<std::string> read_token_file(const std::string& path);

}  // namespace toll::access
