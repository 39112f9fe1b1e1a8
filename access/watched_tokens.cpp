#include "access/watched_tokens.hpp"

#include "access/token_store.hpp"

namespace toll::access {

namespace {

constexpr std::chrono::seconds between_tries{1};

}  // namespace

WatchedTokens::WatchedTokens(std::string path)
    : path_(std::move(path)), in_force_(std::make_unique<InForce>(path_)) {
  const FileVersion now = FileVersion::of(path_);
  if (now.there) read(now);
}

bool WatchedTokens::refresh(Clock::time_point now) {
  if (unreadable_since_ && now < try_at_ && !read_again_) return false;
  try {
    const FileVersion found = FileVersion::of(path_);
    if (found == seen_ && !unreadable_since_ && (!read_again_ || !found.there)) {
      in_force_->claim(seen_);  // the lock file may be newer than the tokens
      return false;
    }
    read(found);
    return true;
  } catch (const TokenError&) {
    if (!unreadable_since_) unreadable_since_ = now;
    try_at_ = now + between_tries;
    read_again_ = false;
    if (now - *unreadable_since_ >= patience) {
      tokens_ = {};
      in_force_->keep({});
      given_up_ = true;
    }
    throw;
  }
}

/// The version was looked at before: a change in between is seen the next time.
void WatchedTokens::read(const FileVersion& version) {
  in_force_->claim(version);
  const auto text = read_token_file(path_);
  if (!text) throw TokenError("it is gone");
  tokens_ = TokenSet(parse_tokens(*text));
  in_force_->keep(version);
  seen_ = version;
  read_again_ = false;
  unreadable_since_.reset();
  given_up_ = false;
}

}  // namespace toll::access
