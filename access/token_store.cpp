#include "access/token_store.hpp"

#include <fcntl.h>
#include <openssl/rand.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <thread>

#include "access/in_force.hpp"

namespace toll::access {

namespace {

[[noreturn]] void fail(const std::string& path) {
  throw TokenError(path + ": " + std::strerror(errno));
}

/// An open file, closed at the end of its scope.
class Descriptor {
 public:
  Descriptor(const std::string& path, int flags, mode_t mode = 0)
      : number_(::open(path.c_str(), flags | O_CLOEXEC, mode)) {
    if (number_ < 0) fail(path);
  }
  ~Descriptor() { ::close(number_); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  operator int() const { return number_; }

 private:
  int number_;
};

std::string folder_of(const std::string& path) {
  return std::filesystem::path(path).parent_path().string();
}

/// Held while the file is read, changed and replaced. A file of its own, because a running server
/// has the lock on the directory; it stays, and belongs to whoever the directory belongs to.
class Lock {
 public:
  explicit Lock(const std::string& path)
      : new_(::access((path + ".lock").c_str(), F_OK) != 0),
        // There is nothing in it, and the server, which may not be its owner, locks it as well.
        file_(path + ".lock", O_RDWR | O_CREAT, 0644) {
    struct stat folder {};
    if (::geteuid() == 0 && (::stat(folder_of(path).c_str(), &folder) != 0 ||
                             ::fchown(file_, folder.st_uid, folder.st_gid) != 0)) {
      fail(path + ".lock");
    }
    while (::flock(file_, LOCK_EX) != 0) {
      if (errno != EINTR) fail(path + ".lock");
    }
  }

  bool is_new() const { return new_; }

 private:
  const bool new_;
  Descriptor file_;
};

std::string random_digits(std::size_t length) {
  std::string bytes(length / 2, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(bytes.size())) !=
      1) {
    throw TokenError("the system gives no random numbers");
  }
  return hex(bytes);
}

std::string now() {
  const std::time_t seconds = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

void write_all(int file, std::string_view text, const std::string& path) {
  while (!text.empty()) {
    const ssize_t written = ::write(file, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail(path);
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace

std::optional<std::string> read_token_file(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0 && errno == ENOENT) return std::nullopt;
  if (file < 0) fail(path);
  std::string text;
  char bytes[64 * 1024];
  ssize_t count = 0;
  while ((count = ::read(file, bytes, sizeof bytes)) > 0) {
    text.append(bytes, static_cast<std::size_t>(count));
  }
  const int error = errno;
  ::close(file);
  errno = error;
  if (count < 0) fail(path);
  return text;
}

TokenStore::TokenStore(const std::string& path) : path_(followed(path)) {}

std::vector<Token> TokenStore::list() const {
  const auto text = read_token_file(path_);
  try {
    return text ? parse_tokens(*text) : std::vector<Token>();
  } catch (const TokenError& error) {
    throw TokenError(path_ + ": " + error.what());
  }
}

std::string TokenStore::create(const std::string& name, const Grant& grant) {
  if (!valid_token_name(name)) {
    throw TokenError("a name is 1 to 64 characters from A-Z a-z 0-9 . _ -");
  }
  const Lock lock(path_);
  std::vector<Token> tokens = list();
  Token token{random_digits(token_id_length), name, grant, now(), {}};
  for (const Token& other : tokens) {
    if (other.name == name) throw TokenError("there is a token with the name " + name);
    if (other.id == token.id) throw TokenError("two random numbers were equal; try again");
  }
  const std::string secret =
      std::string(token_prefix) + token.id + "_" + random_digits(token_secret_length);
  token.digest = sha256(secret);
  tokens.push_back(std::move(token));
  replace(tokens);
  return secret;
}

void TokenStore::revoke(const std::string& name) {
  const Lock lock(path_);
  new_lock_ = lock.is_new();
  std::vector<Token> tokens = list();
  if (std::erase_if(tokens, [&](const Token& token) { return token.name == name; }) == 0) {
    throw TokenError("there is no token with the name " + name);
  }
  replace(tokens);
}

bool TokenStore::wait_until_in_force(std::chrono::milliseconds at_most) const {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point until = Clock::now() + at_most;
  // A server that has found no lock file so far looks for it four times a second.
  if (new_lock_) std::this_thread::sleep_for(std::chrono::seconds(1));
  while (!only_this_in_force(path_)) {
    if (Clock::now() >= until) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return true;
}

void TokenStore::replace(const std::vector<Token>& tokens) const {
  const std::string fresh = path_ + ".new";
  const std::string folder = folder_of(path_);
  struct stat old {};
  if (::stat(path_.c_str(), &old) != 0 && ::stat(folder.c_str(), &old) != 0) fail(folder);
  {
    ::unlink(fresh.c_str());  // of a change that was cut short
    const Descriptor file(fresh, O_WRONLY | O_CREAT | O_EXCL, 0600);
    // Root makes tokens for a server that is not root; anybody else owns what he replaces.
    if (::geteuid() == 0 && ::fchown(file, old.st_uid, old.st_gid) != 0) fail(fresh);
    write_all(file, format_tokens(tokens), fresh);
    if (::fsync(file) != 0) fail(fresh);
  }
  if (::rename(fresh.c_str(), path_.c_str()) != 0) fail(path_);
  const Descriptor directory(folder, O_RDONLY | O_DIRECTORY);
  if (::fsync(directory) != 0) fail(folder);
}

}  // namespace toll::access
