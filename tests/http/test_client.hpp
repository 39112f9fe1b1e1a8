// A server on a port of its own, and a client that sends any bytes. With TOLL_TEST_TLS in the
// environment both speak TLS: every test holds then too.
#pragma once

#include <string>
#include <thread>

#include "http/server.hpp"
#include "tests/http/fake_engine.hpp"
#include "tests/support/tls_session.hpp"

namespace toll::tests {

struct Response {
  int status = 0;
  std::string head;  ///< lower case, status line included
  std::string body;

  /// The value of a header field, empty when it is not there.
  std::string field(const std::string& name) const;
};

/// Whether servers and clients that are not told otherwise speak TLS.
bool tls_by_default();

/// `options` with a certificate made for this run.
http::ServerOptions with_tls(http::ServerOptions options = {});

/// One TCP connection. Every wait ends after ten seconds with an exception.
class Client {
 public:
  explicit Client(const std::string& address, bool tls = tls_by_default());
  Client(const std::string& address, const test::TlsSession::Wishes& wishes);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  bool send(std::string_view bytes);  ///< false when the peer does not take all of it
  void end_sending();                 ///< half-close
  void tear_down();                   ///< reset; nothing may follow
  Response receive();                 ///< one whole answer
  Response exchange(std::string_view request);
  bool at_end();  ///< waits for the next byte or the end; true at the end
  bool read_some();
  void read_to_end();  ///< under TLS, with or without close_notify
  test::TlsSession& tls() { return *tls_; }
  const std::string& raw() const { return received_; }  ///< received and not yet taken

 private:
  void connect(const std::string& address);

  int socket_ = -1;
  std::unique_ptr<test::TlsSession> tls_;
  std::string received_;
};

/// `METHOD target` with a JSON body when there is one, and further header lines with their CRLF.
std::string request(const std::string& line, const std::string& body = {},
                    const std::string& headers = {});

/// Runs until it is destroyed.
class TestServer {
 public:
  explicit TestServer(http::ServerOptions options = {}, http::Auth auth = http::Auth::off());
  ~TestServer();

  const std::string& address() const { return address_; }
  Response ask(const std::string& line, const std::string& body = {},
               const std::string& headers = {});
  void stop() { server_->stop(); }
  void wait_until_stopped();

 private:
  http::Auth auth_;
  http::Metrics metrics_;

 public:
  std::unique_ptr<FakeEngine> engine = std::make_unique<FakeEngine>();

 private:
  std::string address_;
  std::unique_ptr<http::Server> server_;
  std::thread thread_;
};

}  // namespace toll::tests
