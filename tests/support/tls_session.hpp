// TLS over a connected socket, for test clients. Reading and writing may happen on two threads.
#pragma once

#include <openssl/ssl.h>
#include <sys/types.h>

#include <memory>
#include <mutex>
#include <string>

namespace toll::test {

class TlsSession {
 public:
  /// How the client wants it; 0 and empty: as the library does.
  struct Wishes {
    int newest_version = 0;
    std::string ciphers;  ///< of TLS 1.2
  };

  /// Shakes hands with whoever is there; throws std::runtime_error when that fails. The socket is
  /// not owned.
  explicit TlsSession(int socket) : TlsSession(socket, Wishes{}) {}
  TlsSession(int socket, const Wishes& wishes);

  ssize_t read(char* bytes, std::size_t size);  ///< 0: the peer said that it is the end
  ssize_t write(const char* bytes, std::size_t size);
  void end_writing();  ///< sends close_notify

  /// Whether the peer closed without close_notify.
  bool cut_off() const { return cut_off_; }

  std::string version();
  std::string subject();  ///< of the server's certificate

 private:
  template <class Operation>
  int run(Operation operation);

  int socket_;
  bool cut_off_ = false;
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_;
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl_;
  std::mutex mutex_;  ///< an SSL may be used by one thread at a time
};

}  // namespace toll::test
