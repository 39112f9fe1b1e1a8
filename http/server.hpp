// The listening server: one io thread, the one that calls run().
#pragma once

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "access/rate_limiter.hpp"
#include "actors/engine.hpp"
#include "http/auth.hpp"
#include "http/listening_socket.hpp"
#include "http/metrics.hpp"

namespace toll::http {

struct ServerOptions {
  std::string host = "127.0.0.1";    ///< an address or a name
  std::string port = "8080";         ///< 0 lets the system choose
  access::RateLimit rate_limit{};    ///< for each principal
  access::RateLimit person_limit{};  ///< for those that are a patient or a doctor
  std::size_t max_connections = 4096;
  std::size_t max_connections_per_address = 1024;
  std::vector<std::string> trusted_proxies{};  ///< networks whose addresses are many clients
  std::size_t max_streams = 256;               ///< of events; they are connections too
  std::chrono::milliseconds request_timeout{10'000};
  std::chrono::milliseconds idle_timeout{120'000};
  std::chrono::milliseconds stream_keep_alive{15'000};
  std::chrono::milliseconds stream_stall{20'000};
  std::chrono::milliseconds drain_limit{6'000};  ///< from stop() to the last close, at most
  bool stop_on_signals = true;                   ///< SIGTERM and SIGINT do what stop() does
  std::string tls_certificate{};                 ///< PEM file with the chain; empty: no TLS
  std::string tls_key{};                         ///< PEM file
  bool secrets_from_mount = false;               ///< the key may have any mode

  bool tls() const { return !tls_certificate.empty(); }
};

/// Certificate and key cannot be used; what() is a sentence that names the file.
class TlsError : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Throws TlsError when there is to be TLS and the files cannot be used.
void check_tls(const ServerOptions& options);

class Server {
 public:
  /// Serves on `socket`. Throws TlsError. A hang-up that was noted
  /// (hang_up.hpp) makes it read certificate, key, tokens and keys of tokens again. Engine, auth
  /// and metrics outlive run(); the server itself outlives the engine's last answer.
  Server(const ServerOptions& options, ListeningSocket socket, actors::Engine& engine, Auth& auth,
         Metrics& metrics);
  ~Server();

  /// Serves until stop(); returns when what was in flight is answered and every connection closed,
  /// a few seconds later at most.
  void run();

  /// Stops accepting and closes idle connections. From any thread.
  void stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace toll::http
