// Who may talk to the server: bearer tokens, known by their SHA-256 only.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/digest.hpp"

namespace toll::http {

class Auth {
 public:
  /// Everybody may (--auth off).
  static Auth off();

  /// Reads lines of `NAME SHA256HEX`, empty lines and comments with #. Sets `error`, which names
  /// the line, when the text is no token file or has no token.
  static Auth tokens(std::string_view text, std::optional<std::string>& error);

  /// Whether the value of an Authorization header carries a known token.
  bool allows(std::string_view authorization) const;

 private:
  struct Token {
    std::string name;
    Sha256 digest;
  };

  bool required_ = true;
  std::vector<Token> tokens_;
};

}  // namespace toll::http
