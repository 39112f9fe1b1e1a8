// Whose request it is, by its Authorization header. On the io thread only.
#pragma once

#include <optional>

#include "access/watched_tokens.hpp"
#include "http/jwt.hpp"

namespace toll::http {

class Auth {
 public:
  /// Everybody may do everything (--auth off).
  static Auth off();

  /// The tokens of a file, which is looked at again by refresh(), and those that somebody else
  /// signs. Throws access::TokenError.
  explicit Auth(std::string token_file, JwtVerifier jwt = {});

  /// Null: nobody whom the server knows.
  access::PrincipalPtr identify(std::string_view authorization);

  /// Called a few times a second: a token made or revoked meanwhile holds from now on. A file that
  /// cannot be used any more is logged, and those who were known stay known.
  void refresh();

  bool knows_somebody() const { return anybody_ || tokens_->size() > 0 || jwt_.has_keys(); }

 private:
  Auth() = default;

  access::PrincipalPtr anybody_;  ///< with --auth off
  std::optional<access::WatchedTokens> tokens_;
  JwtVerifier jwt_;
};

}  // namespace toll::http
