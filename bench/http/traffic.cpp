#include "bench/http/traffic.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <stdexcept>

#include "bench/common/process.hpp"
#include "bench/common/server.hpp"

namespace toll::bench {

namespace {

constexpr std::string_view end_of_head = "\r\n\r\n";
constexpr std::string_view length_field = "ontent-length: ";
constexpr std::string_view length_field_too = "ontent-Length: ";
constexpr std::size_t status_at = 9;  // behind "HTTP/1.1 "

int open_socket(std::uint16_t port) {
  const int socket = connect_to(port);
  const int on = 1;
  setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return socket;
}

int number(std::string_view text) {
  int value = -1;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

}  // namespace

struct Traffic::Connection {
  explicit Connection(std::uint16_t port) : socket(open_socket(port)) {}
  ~Connection() { close(socket); }

  /// The whole answer in `received`, if it is there: the length of its head and of its body.
  bool complete() {
    if (head == 0) {
      const std::size_t end = received.find(end_of_head);
      if (end == std::string::npos) return false;
      head = end + end_of_head.size();
      const std::size_t field =
          std::min(received.find(length_field), received.find(length_field_too));
      if (field >= end) throw std::runtime_error("an answer has no Content-Length");
      body = static_cast<std::size_t>(
          number(std::string_view(received).substr(field + length_field.size(), 10)));
    }
    return received.size() >= head + body;
  }

  const int socket;
  std::string sending;
  std::string received;
  std::size_t head = 0;  ///< 0: not known yet
  std::size_t body = 0;
  Clock::time_point due;
};

Traffic::Traffic(std::uint16_t port, std::size_t connections)
    : poll_(epoll_create1(EPOLL_CLOEXEC)) {
  for (std::size_t i = 0; i < connections; ++i) {
    connections_.push_back(std::make_unique<Connection>(port));
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = i;
    epoll_ctl(poll_, EPOLL_CTL_ADD, connections_.back()->socket, &event);
  }
}

Traffic::~Traffic() { close(poll_); }

/// False if the connection has nothing to send now.
bool Traffic::send_next(std::size_t number, Clock::time_point due) {
  Connection& connection = *connections_[number];
  connection.sending.clear();
  switch (script_->next(number, due, connection.sending)) {
    case Next::hold:
      held_.push_back(number);
      return false;
    case Next::stop:
      --running_;
      return false;
    case Next::send:
      break;
  }
  connection.due = due;
  const std::string& bytes = connection.sending;
  if (send(connection.socket, bytes.data(), bytes.size(), MSG_NOSIGNAL) !=
      static_cast<ssize_t>(bytes.size())) {
    throw std::runtime_error("a request could not be sent");
  }
  return true;
}

void Traffic::receive(std::size_t number) {
  Connection& connection = *connections_[number];
  std::array<char, 16 * 1024> buffer;
  const ssize_t bytes = recv(connection.socket, buffer.data(), buffer.size(), 0);
  if (bytes <= 0) throw std::runtime_error("the server closed a connection");
  connection.received.append(buffer.data(), static_cast<std::size_t>(bytes));
  if (!connection.complete()) return;
  const std::string_view answer = connection.received;
  const int status = bench::number(answer.substr(status_at, 3));
  const std::chrono::nanoseconds took = Clock::now() - connection.due;
  if (script_->counts(number)) {
    ++figures_.requests;
    figures_.latency.add(took.count());
  }
  script_->came(number, answer.substr(0, connection.head), took);
  const bool go_on = script_->answered(number, status, answer.substr(connection.head));
  connection.received.clear();
  connection.head = 0;
  if (gap_ == Clock::duration{}) {
    send_next(number, Clock::now());
  } else {
    idle_.push_back(number);
  }
  if (go_on) release();
}

void Traffic::release() {
  std::vector<std::size_t> held;
  held.swap(held_);
  for (const std::size_t number : held) {
    if (gap_ == Clock::duration{}) {
      send_next(number, Clock::now());
    } else {
      idle_.push_back(number);
    }
  }
}

void Traffic::send_what_is_due() {
  while (!idle_.empty() && Clock::now() >= due_) {
    const std::size_t number = idle_.front();  // in turn, or the server drops who is never used
    idle_.pop_front();
    if (send_next(number, due_)) due_ += gap_;
  }
}

/// Until the next request is due, -1 when only an answer can bring something to do.
int Traffic::wait_time_us() const {
  if (gap_ == Clock::duration{} || idle_.empty()) return -1;
  const auto left = std::chrono::duration_cast<std::chrono::microseconds>(due_ - Clock::now());
  return static_cast<int>(std::max<std::int64_t>(0, left.count()));
}

TrafficFigures Traffic::run(Script& script, double requests_per_s) {
  script_ = &script;
  figures_ = {};
  running_ = connections_.size();
  held_.clear();
  idle_.clear();
  const double cpu = thread_cpu_s();
  const auto began = Clock::now();
  gap_ = requests_per_s > 0 ? std::chrono::duration_cast<Clock::duration>(
                                  std::chrono::duration<double>(1 / requests_per_s))
                            : Clock::duration{};
  due_ = began;
  for (std::size_t i = 0; i < connections_.size(); ++i) {
    if (gap_ == Clock::duration{}) {
      send_next(i, Clock::now());
    } else {
      idle_.push_back(i);
    }
  }
  std::array<epoll_event, 256> events;
  while (running_ > 0) {
    send_what_is_due();
    if (running_ == 0) break;
    const int us = wait_time_us();
    const timespec limit{us / 1'000'000, us % 1'000'000 * 1000};
    const int ready = epoll_pwait2(poll_, events.data(), static_cast<int>(events.size()),
                                   us < 0 ? nullptr : &limit, nullptr);
    for (int i = 0; i < ready; ++i) receive(events[static_cast<std::size_t>(i)].data.u64);
  }
  figures_.seconds = std::chrono::duration<double>(Clock::now() - began).count();
  figures_.cpu_s = thread_cpu_s() - cpu;
  return figures_;
}

}  // namespace toll::bench
