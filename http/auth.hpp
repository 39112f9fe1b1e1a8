// Whose request it is, by its Authorization header. On the io thread only.
#pragma once

#include <optional>

#include "access/watched_tokens.hpp"
#include "http/jwt_keys.hpp"

namespace toll::http {

class Auth {
 public:
  /// Everybody may do everything (--auth off).
  static Auth off();

  /// The tokens of a file, which is looked at again by refresh(), and those that somebody else
  /// signs. Throws access::TokenError and KeyError.
  explicit Auth(std::string token_file, JwtKeyFiles jwt_keys = {});

  /// Null: nobody whom the server knows.
  access::PrincipalPtr identify(std::string_view authorization);

  /// Called a few times a second: a token made or revoked meanwhile holds from now on. A file that
  /// cannot be used any more is logged, and those who were known stay known.
  void refresh();

  /// Reads token file and keys, changed or not, says so in the log, and forgets which tokens of
  /// others it has verified. A file that cannot be used is logged, and what was known is kept.
  void reload();

  /// False with --auth off: all are one.
  bool tells_apart() const { return !anybody_; }

  bool knows_somebody() const { return anybody_ || tokens_->size() > 0 || jwt_.has_keys(); }

 private:
  Auth() = default;

  access::PrincipalPtr anybody_;  ///< with --auth off
  std::optional<access::WatchedTokens> tokens_;
  JwtKeyFiles jwt_keys_;
  JwtVerifier jwt_;
};

}  // namespace toll::http
