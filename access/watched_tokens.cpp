#include "access/watched_tokens.hpp"

#include "access/token_store.hpp"

namespace toll::access {

WatchedTokens::WatchedTokens(std::string path) : path_(std::move(path)), seen_(version()) {
  if (seen_.there) read();
}

bool WatchedTokens::refresh() {
  const Version now = version();
  if (now == seen_) return false;
  seen_ = now;  // looked at before it is read: a change in between is seen the next time
  read();
  return true;
}

WatchedTokens::Version WatchedTokens::version() const {
  struct stat file {};
  if (::stat(path_.c_str(), &file) != 0) return {};
  // The inode's own change time also moves when somebody sets the modification time back.
  return {true, file.st_dev, file.st_ino, file.st_size,
          file.st_ctim.tv_sec * std::int64_t{1'000'000'000} + file.st_ctim.tv_nsec};
}

void WatchedTokens::read() {
  const auto text = read_token_file(path_);
  if (!text) throw TokenError("it is gone");
  tokens_ = TokenSet(parse_tokens(*text));
}

}  // namespace toll::access
