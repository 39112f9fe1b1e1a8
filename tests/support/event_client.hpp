// A small blocking client of server-sent events, for tests.
#pragma once

#include "tests/support/http_client.hpp"

namespace toll::test {

struct Event {
  std::string id;
  std::string type;
  std::string data;
};

class EventClient {
 public:
  /// Asks for the stream, after the event `last_id` unless that is empty. Throws LostAnswer when
  /// there is none.
  EventClient(std::uint16_t port, const std::string& last_id,
              std::chrono::milliseconds timeout = std::chrono::seconds(30),
              const std::string& authorization = {});
  ~EventClient();

  /// Waits for the next event. Throws LostAnswer when the stream ends or nothing comes.
  Event next();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace toll::test
