// Whose request it is, by its Authorization header. On the io thread only.
#pragma once

#include <functional>
#include <optional>

#include "access/watched_tokens.hpp"
#include "http/jwt_keys.hpp"

namespace toll::http {

class Auth {
 public:
  using Clock = access::WatchedTokens::Clock;

  /// Everybody may do everything (--auth off).
  static Auth off();

  /// The tokens of a file, which is looked at again by refresh(), and those that somebody else
  /// signs. Throws access::TokenError and KeyError.
  explicit Auth(std::string token_file, JwtKeyFiles jwt_keys = {});

  /// Null: nobody whom the server knows.
  access::PrincipalPtr identify(std::string_view authorization);

  /// Whether this is a token of the file, and nobody can say whose, because the file cannot be
  /// read.
  bool unreadable(std::string_view authorization) const;

  /// Whether that has lasted so long that all of them are refused.
  bool refuses_tokens() const { return tokens_ && tokens_->given_up(); }

  /// Called a few times a second: a token made or revoked meanwhile holds from now on. A file that
  /// cannot be used any more is logged, and those who were known stay known for a minute.
  void refresh(Clock::time_point now = Clock::now());

  /// Reads token file and keys, changed or not, says so in the log, and forgets which tokens of
  /// others it has verified. A file that cannot be used is logged, and what was known is kept.
  void reload();

  /// How long the token file cannot be used; 0: it can.
  Clock::duration unreadable_for(Clock::time_point now = Clock::now()) const;

  /// Called with `tokens` or `jwt_keys` each time that they were to be read and cannot be used.
  std::function<void(std::string_view file)> on_unusable = [](std::string_view) {};

  /// False with --auth off: all are one.
  bool tells_apart() const { return !anybody_; }
  bool knows_somebody() const { return anybody_ || tokens_->size() > 0 || jwt_.has_keys(); }

 private:
  Auth() = default;

  access::PrincipalPtr anybody_;  ///< with --auth off
  std::optional<access::WatchedTokens> tokens_;
  std::string last_reason_;  ///< why they cannot be used, as logged
  JwtKeyFiles jwt_keys_;
  JwtVerifier jwt_;
};

}  // namespace toll::http
