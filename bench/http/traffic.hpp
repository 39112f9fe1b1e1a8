// Many keep-alive connections to one server, driven by one thread: requests are bytes that a script
// has made, answers are read no further than the script needs. It must cost less than the server.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bench/common/histogram.hpp"

namespace toll::bench {

/// What a connection does next.
enum class Next {
  send,  ///< the request that was written
  hold,  ///< nothing until another connection's answer lets it go on
  stop,  ///< nothing more
};

/// Decides what is sent. Called on the traffic's thread only.
class Script {
 public:
  using Clock = std::chrono::steady_clock;

  virtual ~Script() = default;

  /// Writes the connection's next request, which was due then, into `bytes`, which is empty. What
  /// ends by time ends by this one: in an open loop all that was due before counts.
  virtual Next next(std::size_t connection, Clock::time_point due, std::string& bytes) = 0;

  /// The head of an answer that has come, and the time since its request was due.
  virtual void came(std::size_t, std::string_view, std::chrono::nanoseconds) {}

  /// The answer to the connection's last request. True: those on hold are asked again.
  virtual bool answered(std::size_t connection, int status, std::string_view body) = 0;

  /// False while the connection's last request is not part of what is measured.
  virtual bool counts(std::size_t) const { return true; }
};

struct TrafficFigures {
  std::uint64_t requests = 0;
  double seconds = 0;
  double cpu_s = 0;  ///< of this thread
  Histogram latency;
};

class Traffic {
 public:
  using Clock = Script::Clock;

  /// Connects to 127.0.0.1. Throws std::runtime_error, here and below, when a connection fails.
  Traffic(std::uint16_t port, std::size_t connections);
  ~Traffic();
  Traffic(const Traffic&) = delete;
  Traffic& operator=(const Traffic&) = delete;

  std::size_t connections() const { return connections_.size(); }

  /// Runs the script until every connection has stopped. Rate 0 is a closed loop: a connection
  /// sends when its answer has come. Otherwise an open loop: requests are due at this rate,
  /// whatever the server does, and each one's latency counts from when it was due, not from when a
  /// connection was free to send it, so that a stall is not left out of the figures.
  TrafficFigures run(Script& script, double requests_per_s = 0);

 private:
  struct Connection;

  bool send_next(std::size_t number, Clock::time_point due);
  void receive(std::size_t number);
  void settle(std::size_t number, int status, std::string_view body);
  void release();
  void send_what_is_due();
  int wait_time_us() const;

  int poll_ = -1;
  std::vector<std::unique_ptr<Connection>> connections_;
  Script* script_ = nullptr;
  TrafficFigures figures_;
  std::size_t running_ = 0;  ///< connections that have not stopped
  std::vector<std::size_t> held_;
  std::deque<std::size_t> idle_;  ///< open loop: free to send
  Clock::duration gap_{};         ///< open loop: between requests
  Clock::time_point due_;         ///< open loop: of the next request
};

}  // namespace toll::bench
