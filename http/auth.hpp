// Whose request it is, by its Authorization header. On the io thread only.
#pragma once

#include <optional>

#include "access/watched_tokens.hpp"

namespace toll::http {

class Auth {
 public:
  /// Everybody may do everything (--auth off).
  static Auth off();

  /// The tokens of a file, which is looked at again by refresh(). Throws access::TokenError.
  explicit Auth(std::string token_file);

  /// Null: nobody whom the server knows.
  access::PrincipalPtr identify(std::string_view authorization) const;

  /// Called a few times a second: a token made or revoked meanwhile holds from now on. A file that
  /// cannot be used any more is logged, and those who were known stay known.
  void refresh();

  std::size_t tokens() const { return tokens_ ? tokens_->size() : 0; }

 private:
  Auth() = default;

  access::PrincipalPtr anybody_;  ///< with --auth off
  std::optional<access::WatchedTokens> tokens_;
};

}  // namespace toll::http
