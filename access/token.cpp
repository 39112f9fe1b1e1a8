#include "access/token.hpp"

#include <algorithm>
#include <array>
#include <unordered_set>

namespace toll::access {

namespace {

constexpr std::string_view first_line = "toll-tokens 1";
constexpr std::size_t longest_created = 32;

bool hexadecimal(std::string_view text, std::size_t length) {
  return text.size() == length && text.find_first_not_of("0123456789abcdef") == text.npos;
}

/// The next part of `rest` up to `separator`, which is taken off as well.
std::string_view take(std::string_view& rest, char separator) {
  const std::size_t end = std::min(rest.find(separator), rest.size());
  const std::string_view part = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return part;
}

Sha256 digest_of(std::string_view digits) {
  const auto value = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  Sha256 digest{};
  for (std::size_t i = 0; i < digest.size(); ++i) {
    digest[i] = static_cast<unsigned char>(value(digits[2 * i]) * 16 + value(digits[2 * i + 1]));
  }
  return digest;
}

std::optional<Token> parse_line(std::string_view line) {
  std::array<std::string_view, 4> words;
  for (std::string_view& word : words) word = take(line, ' ');
  const auto [id, name, role, created] = words;
  const std::string_view digest = line;
  const auto grant = parse_grant(role);
  if (!grant || !hexadecimal(id, token_id_length) || !valid_token_name(name) || created.empty() ||
      created.size() > longest_created || !hexadecimal(digest, 64)) {
    return std::nullopt;
  }
  return Token{std::string(id), std::string(name), *grant, std::string(created), digest_of(digest)};
}

}  // namespace

bool valid_token_name(std::string_view name) {
  return billing::valid_id(name) && name.find(':') == name.npos;
}

std::optional<std::string_view> token_id(std::string_view token) {
  if (!token.starts_with(token_prefix)) return std::nullopt;
  token.remove_prefix(token_prefix.size());
  const std::string_view id = take(token, '_');
  if (!hexadecimal(id, token_id_length) || !hexadecimal(token, token_secret_length)) {
    return std::nullopt;
  }
  return id;
}

std::vector<Token> parse_tokens(std::string_view text) {
  if (take(text, '\n') != first_line)
    throw TokenError("it does not begin with " + std::string(first_line));
  std::vector<Token> tokens;
  std::unordered_set<std::string> seen;  // a name has no space in front, an id has
  for (std::size_t number = 2; !text.empty(); ++number) {
    auto token = parse_line(take(text, '\n'));
    const std::string where = "line " + std::to_string(number);
    if (!token) throw TokenError(where + " is not ID NAME ROLE CREATED SHA256HEX");
    if (!seen.insert(token->name).second || !seen.insert(" " + token->id).second) {
      throw TokenError(where + " has the name or the id of an earlier one");
    }
    tokens.push_back(std::move(*token));
  }
  return tokens;
}

std::string format_tokens(const std::vector<Token>& tokens) {
  std::string text(first_line);
  text += '\n';
  for (const Token& token : tokens) {
    text += token.id + ' ' + token.name + ' ' + access::text(token.grant) + ' ' + token.created +
            ' ' + hex(token.digest) + '\n';
  }
  return text;
}

}  // namespace toll::access
