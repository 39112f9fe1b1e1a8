#include "persistence/clock_request.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <sstream>
#include <thread>
#include <utility>

namespace toll::persistence {

namespace {

using namespace std::chrono_literals;

constexpr std::array<std::string_view, 3> words{"show\n", "accept\n", "resume\n"};

std::string request_file(const std::string& directory) { return directory + "/clock.request"; }

/// All that there is, or the beginning of what cannot be one of ours.
std::string text_of(int file) {
  std::array<char, 256> bytes{};
  const ssize_t size = pread(file, bytes.data(), bytes.size(), 0);
  return size < 0 ? std::string() : std::string(bytes.data(), static_cast<std::size_t>(size));
}

bool somebody_waits(int file) { return flock(file, LOCK_SH | LOCK_NB) != 0; }

}  // namespace

std::optional<ClockRequest> ClockRequest::take(const std::string& directory) {
  const std::string path = request_file(directory);
  const int file = open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (file < 0) return std::nullopt;
  unlink(path.c_str());
  const std::string text = text_of(file);
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (text == words[i] && somebody_waits(file)) {
      return ClockRequest(file, static_cast<ClockWord>(i));
    }
  }
  close(file);
  return std::nullopt;
}

ClockRequest::ClockRequest(ClockRequest&& other) noexcept
    : file_(std::exchange(other.file_, -1)), word_(other.word_) {}

ClockRequest::~ClockRequest() {
  if (file_ >= 0) close(file_);
}

void ClockRequest::answer(const ClockStanding& standing) const {
  std::ostringstream text;
  text << standing.done << ' ' << standing.now << ' ' << standing.ahead_ms << ' '
       << standing.astray_ms << ' ' << standing.offset_ms << '\n';
  const std::string bytes = text.str();
  // Whoever asked and does not get it asks again.
  (void)!pwrite(file_, bytes.data(), bytes.size(),
                static_cast<off_t>(words[std::size_t(word_)].size()));
}

namespace {

/// A request while it is there: locked, under a name of its own until it is whole.
class Asked {
 public:
  Asked(const std::string& directory, ClockWord word)
      : path_(request_file(directory)), own_path_(path_ + "." + std::to_string(getpid())) {
    unlink(own_path_.c_str());
    file_ = open(own_path_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file_ < 0) failed("cannot be made");
    const std::string_view text = words[std::size_t(word)];
    struct stat owner {};
    // The server has to be able to open what another user, such as root, has made.
    const bool made =
        stat(directory.c_str(), &owner) == 0 &&
        (owner.st_uid == geteuid() || fchown(file_, owner.st_uid, owner.st_gid) == 0) &&
        flock(file_, LOCK_EX) == 0 &&
        pwrite(file_, text.data(), text.size(), 0) == ssize_t(text.size()) &&
        rename(own_path_.c_str(), path_.c_str()) == 0;
    if (made) return;
    const int error = errno;
    unlink(own_path_.c_str());
    close(file_);
    errno = error;
    failed("cannot be written");
  }

  ~Asked() {
    struct stat ours {};
    struct stat there {};
    if (fstat(file_, &ours) == 0 && stat(path_.c_str(), &there) == 0 &&
        ours.st_ino == there.st_ino) {
      unlink(path_.c_str());
    }
    close(file_);
  }
  Asked(const Asked&) = delete;
  Asked& operator=(const Asked&) = delete;

  std::optional<ClockStanding> answer(ClockWord word) const {
    const std::string text = text_of(file_);
    const std::size_t asked = words[std::size_t(word)].size();
    if (text.size() <= asked || text.back() != '\n') return std::nullopt;
    std::istringstream in(text.substr(asked));
    ClockStanding standing;
    in >> standing.done >> standing.now >> standing.ahead_ms >> standing.astray_ms >>
        standing.offset_ms;
    return in ? std::optional(standing) : std::nullopt;
  }

 private:
  [[noreturn]] void failed(const char* what) const {
    throw ClockRequestError(path_ + ' ' + what + ": " + std::strerror(errno));
  }

  std::string path_;
  std::string own_path_;
  int file_ = -1;
};

}  // namespace

ClockStanding ask_clock(const std::string& directory, ClockWord word,
                        std::chrono::milliseconds patience) {
  const Asked asked(directory, word);
  const auto until = std::chrono::steady_clock::now() + patience;
  while (true) {
    if (const auto standing = asked.answer(word)) return *standing;
    if (std::chrono::steady_clock::now() >= until) {
      throw ClockRequestError("nobody answers: no server uses " + directory);
    }
    std::this_thread::sleep_for(20ms);
  }
}

}  // namespace toll::persistence
