// What all clients' connections have in common, whatever they speak. Internal to the server.
#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include "http/backlog.hpp"
#include "http/outbox.hpp"
#include "http/seats.hpp"
#include "http/service.hpp"
#include "http/streams.hpp"

namespace toll::http {

using Clock = std::chrono::steady_clock;

/// One client. All functions on the io thread.
class Peer : public std::enable_shared_from_this<Peer>, public Waiting {
 public:
  /// Does what is to be done when the deadline has passed; called a few times a second.
  virtual void expire(Clock::time_point now) = 0;

  /// Shutdown: closes at once, or when the answer under way is sent.
  virtual void stop() = 0;
};

/// What all peers share. Outlives them.
struct Shared {
  Service& service;
  Outbox& outbox;
  Streams& streams;
  Backlog& answers;                 ///< bytes that wait to be sent
  Backlog& requests;                ///< bytes that wait for the rest of their request
  Clock::duration request_timeout;  ///< from the first byte of a request to its last; of the first
                                    ///< one from the connection on
  Clock::duration idle_timeout;     ///< between requests
  Clock::duration stream_keep_alive;  ///< silence of a stream before a comment is sent
  Clock::duration stream_stall;       ///< without a byte taken, before a stream is dropped
  std::function<void(Peer*)> opened;
  std::function<void(Peer*)> closed;
  bool stopping = false;  ///< every answer is now the connection's last
};

}  // namespace toll::http
