// API tokens, and the file that knows them. A token is `toll_ID_SECRET`; the file has its SHA-256
// only. The file, UTF-8 text, version 1 (docs/DATA.md): the line `toll-tokens 1`, then for each
// token one line of `ID NAME ROLE CREATED SHA256HEX`, separated by single spaces.
#pragma once

#include <stdexcept>
#include <vector>

#include "access/digest.hpp"
#include "access/principal.hpp"

namespace toll::access {

inline constexpr std::string_view token_prefix = "toll_";
inline constexpr std::size_t token_id_length = 12;      ///< hexadecimal digits, public
inline constexpr std::size_t token_secret_length = 64;  ///< hexadecimal digits: 256 random bits

struct Token {
  std::string id;
  std::string name;  ///< of whoever uses it; no two tokens have the same
  Grant grant;
  std::string created;  ///< a time, for people
  Sha256 digest{};      ///< of the whole token

  /// Tokens of one name and role, one after the other, are one principal.
  Principal principal() const { return {text(grant) + "/" + name, grant}; }
};

/// A token file that cannot be used, or a change to it that cannot be made; says why.
struct TokenError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// 1 to 64 characters from `A-Z a-z 0-9 . _ -`.
bool valid_token_name(std::string_view name);

/// The id in a token of the right shape.
std::optional<std::string_view> token_id(std::string_view token);

/// Throws TokenError, which names the line.
std::vector<Token> parse_tokens(std::string_view text);
std::string format_tokens(const std::vector<Token>& tokens);

}  // namespace toll::access
