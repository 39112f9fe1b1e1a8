#include "http/auth.hpp"

#include <sstream>

namespace toll::http {

namespace {

std::optional<int> nibble(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return std::nullopt;
}

std::optional<Sha256> parse_digest(std::string_view text) {
  Sha256 digest{};
  if (text.size() != 2 * digest.size()) return std::nullopt;
  for (std::size_t i = 0; i < digest.size(); ++i) {
    const auto high = nibble(text[2 * i]);
    const auto low = nibble(text[2 * i + 1]);
    if (!high || !low) return std::nullopt;
    digest[i] = static_cast<unsigned char>(*high * 16 + *low);
  }
  return digest;
}

/// The token of `Bearer TOKEN`; the scheme is case-insensitive.
std::optional<std::string_view> bearer(std::string_view authorization) {
  static constexpr std::string_view scheme = "bearer ";
  if (authorization.size() <= scheme.size()) return std::nullopt;
  for (std::size_t i = 0; i < scheme.size(); ++i) {
    const char c = authorization[i];
    const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    if (lower != scheme[i]) return std::nullopt;
  }
  authorization.remove_prefix(scheme.size());
  while (!authorization.empty() && authorization.front() == ' ') authorization.remove_prefix(1);
  return authorization;
}

}  // namespace

Auth Auth::off() {
  Auth auth;
  auth.required_ = false;
  return auth;
}

Auth Auth::tokens(std::string_view text, std::optional<std::string>& error) {
  Auth auth;
  std::istringstream lines{std::string(text)};
  std::string line;
  for (int number = 1; std::getline(lines, line); ++number) {
    std::istringstream words(line);
    std::string name, digest, more;
    if (!(words >> name) || name.starts_with('#')) continue;
    const auto parsed = words >> digest ? parse_digest(digest) : std::nullopt;
    if (!parsed || words >> more) {
      error = "line " + std::to_string(number) + " is not NAME SHA256HEX";
      return auth;
    }
    auth.tokens_.push_back({name, *parsed});
  }
  if (auth.tokens_.empty()) error = "there is no token in it";
  return auth;
}

bool Auth::allows(std::string_view authorization) const {
  if (!required_) return true;
  const auto token = bearer(authorization);
  if (!token) return false;
  const Sha256 presented = sha256(*token);
  // All entries are compared, so that the time does not tell which one fits.
  bool known = false;
  for (const Token& entry : tokens_) known |= equal_in_constant_time(entry.digest, presented);
  return known;
}

}  // namespace toll::http
