// One TCP connection of a client who does not keep to HTTP.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace toll::test {

class RawSocket {
 public:
  /// Connects on loopback; throws std::runtime_error.
  explicit RawSocket(std::uint16_t port);
  ~RawSocket();
  RawSocket(const RawSocket&) = delete;
  RawSocket& operator=(const RawSocket&) = delete;

  /// False when the server takes no more.
  bool send(std::string_view bytes);

  /// What has come so far, without waiting.
  const std::string& received();

  /// Waits for the server's end of the connection, at most 30 s: all that came, or throws.
  const std::string& receive_to_end();

  /// Tells the server's kernel at once that nobody reads here any more.
  void reset();

 private:
  bool read(int flags);

  int socket_ = -1;
  std::string received_;
};

}  // namespace toll::test
