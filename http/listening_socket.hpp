// A socket that listens, on its way from who takes the address to who serves it.
#pragma once

#include <string>

namespace toll::http {

class ListeningSocket {
 public:
  /// Takes the address: `host` is an address or a name, port 0 lets the system choose. Throws
  /// std::system_error.
  ListeningSocket(const std::string& host, const std::string& port);
  ~ListeningSocket();
  ListeningSocket(ListeningSocket&& other) noexcept;
  ListeningSocket& operator=(ListeningSocket&&) = delete;

  /// The same socket once more, for another owner.
  ListeningSocket share() const;

  /// The descriptor, which the caller owns from now on.
  int release();

  bool v6() const { return v6_; }
  const std::string& address() const { return address_; }  ///< HOST:PORT with the real port

 private:
  ListeningSocket(int descriptor, bool v6, std::string address);

  int descriptor_;
  bool v6_;
  std::string address_;
};

/// Whether `host` names only this machine. Throws std::system_error when it cannot be resolved.
bool is_loopback(const std::string& host, const std::string& port);

}  // namespace toll::http
