#include "http/notify.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>

#include "http/log.hpp"

namespace toll::http {

namespace {

constexpr std::chrono::seconds asked_every{2};
constexpr std::chrono::seconds granted{30};  ///< a machine may be that slow, a dead start be ended

/// 0, or what errno says.
int send_to(std::string_view name, std::string_view state) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (name.size() >= sizeof address.sun_path) return ENAMETOOLONG;
  std::memcpy(address.sun_path, name.data(), name.size());
  if (name.front() == '@') address.sun_path[0] = '\0';  // the abstract name space
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
  const int socket = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (socket < 0) return errno;
  const ssize_t sent = ::sendto(socket, state.data(), state.size(), MSG_NOSIGNAL,
                                reinterpret_cast<const sockaddr*>(&address), length);
  const int error = sent < 0 ? errno : 0;
  ::close(socket);
  return error;
}

void notify(std::string_view state) {
  const char* socket = std::getenv("NOTIFY_SOCKET");
  if (!socket || *socket == '\0') return;
  const int error = send_to(socket, state);
  if (error == 0) return;
  log(LogLevel::warn, "notify_failed",
      {{"socket", std::string_view(socket)},
       {"reason", std::string_view(std::generic_category().message(error))}});
}

std::string microseconds(std::chrono::nanoseconds time) {
  return std::to_string(std::chrono::duration_cast<std::chrono::microseconds>(time).count());
}

}  // namespace

void notify_ready() { notify("READY=1"); }

void notify_reloading() {
  // CLOCK_MONOTONIC, as systemd wants it.
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  notify("RELOADING=1\nMONOTONIC_USEC=" + microseconds(now));
}

void notify_stopping() { notify("STOPPING=1"); }

struct MoreTime::Impl {
  void ask() {
    std::unique_lock lock(mutex);
    do {
      notify("EXTEND_TIMEOUT_USEC=" + microseconds(granted));
    } while (!changed.wait_for(lock, asked_every, [this] { return over; }));
  }

  std::mutex mutex;
  std::condition_variable changed;
  bool over = false;
  std::thread thread{[this] { ask(); }};
};

MoreTime::MoreTime() : impl_(std::make_unique<Impl>()) {}

MoreTime::~MoreTime() {
  {
    const std::scoped_lock lock(impl_->mutex);
    impl_->over = true;
  }
  impl_->changed.notify_one();
  impl_->thread.join();
}

}  // namespace toll::http
