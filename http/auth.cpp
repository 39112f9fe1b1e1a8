#include "http/auth.hpp"

#include "http/log.hpp"

namespace toll::http {

namespace {

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
  auth.anybody_ = std::make_shared<const access::Principal>(
      access::Principal{"admin/auth:off", {access::Role::admin, {}}});
  return auth;
}

Auth::Auth(std::string token_file, JwtKeyFiles jwt_keys)
    : tokens_(std::move(token_file)),
      jwt_keys_(std::move(jwt_keys)),
      jwt_(read_jwt_keys(jwt_keys_)) {}

access::PrincipalPtr Auth::identify(std::string_view authorization) {
  if (anybody_) return anybody_;
  const auto token = bearer(authorization);
  if (!token) return nullptr;
  if (token->starts_with(access::token_prefix)) return tokens_->find(*token);
  return jwt_.has_keys() ? jwt_.identify(*token, std::time(nullptr)) : nullptr;
}

bool Auth::unreadable(std::string_view authorization) const {
  if (!tokens_ || !tokens_->unreadable_since()) return false;
  const auto token = bearer(authorization);
  return token && token->starts_with(access::token_prefix);
}

Auth::Clock::duration Auth::unreadable_for(Clock::time_point now) const {
  if (!tokens_ || !tokens_->unreadable_since()) return {};
  return now - *tokens_->unreadable_since();
}

void Auth::refresh(Clock::time_point now) {
  if (!tokens_) return;
  try {
    if (!tokens_->refresh(now)) return;
    last_reason_.clear();
    log(LogLevel::info, "tokens_read", {{"tokens", static_cast<std::int64_t>(tokens_->size())}});
  } catch (const access::TokenError& error) {
    on_unusable("tokens");
    if (last_reason_ == error.what()) return;  // it is tried each second
    last_reason_ = error.what();
    log(LogLevel::error, "tokens_unusable", {{"reason", std::string_view(error.what())}});
  }
}

void Auth::reload() {
  if (!tokens_) return;
  tokens_->forget_version();
  refresh();
  if (!jwt_keys_.any()) return;
  try {
    jwt_ = read_jwt_keys(jwt_keys_);
    log(LogLevel::info, "jwt_keys_read");
  } catch (const KeyError& error) {
    on_unusable("jwt_keys");
    log(LogLevel::error, "jwt_keys_kept", {{"reason", std::string_view(error.what())}});
  }
}

}  // namespace toll::http
