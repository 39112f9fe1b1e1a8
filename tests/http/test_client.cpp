#include "tests/http/test_client.hpp"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "tests/support/certificate.hpp"

namespace toll::tests {

std::string Response::field(const std::string& name) const {
  const std::size_t at = head.find("\r\n" + name + ": ");
  if (at == std::string::npos) return {};
  const std::size_t begin = at + name.size() + 4;
  return head.substr(begin, head.find("\r\n", begin) - begin);
}

bool tls_by_default() { return std::getenv("TOLL_TEST_TLS") != nullptr; }

http::ServerOptions with_tls(http::ServerOptions options) {
  static const test::Certificate certificate;
  options.tls_certificate = certificate.file();
  options.tls_key = certificate.key();
  return options;
}

Client::Client(const std::string& address, bool tls) {
  connect(address);
  if (tls) tls_ = std::make_unique<test::TlsSession>(socket_);
}

Client::Client(const std::string& address, const test::TlsSession::Wishes& wishes) {
  connect(address);
  tls_ = std::make_unique<test::TlsSession>(socket_, wishes);
}

void Client::connect(const std::string& address) {
  const std::size_t colon = address.rfind(':');
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<std::uint16_t>(std::stoi(address.substr(colon + 1))));
  inet_pton(AF_INET, address.substr(0, colon).c_str(), &to.sin_addr);
  socket_ = socket(AF_INET, SOCK_STREAM, 0);
  const timeval ten_seconds{10, 0};
  setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &ten_seconds, sizeof ten_seconds);
  setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &ten_seconds, sizeof ten_seconds);
  if (::connect(socket_, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0) {
    throw std::runtime_error("cannot connect");
  }
}

Client::~Client() { close(socket_); }

bool Client::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = tls_ ? tls_->write(bytes.data(), bytes.size())
                              : ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

void Client::end_sending() {
  if (tls_) return tls_->end_writing();
  shutdown(socket_, SHUT_WR);
}

void Client::tear_down() {
  const linger at_once{1, 0};
  setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close(std::exchange(socket_, -1));
}

bool Client::read_some() {
  char bytes[16 * 1024];
  const ssize_t count =
      tls_ ? tls_->read(bytes, sizeof bytes) : recv(socket_, bytes, sizeof bytes, 0);
  if (count < 0) throw std::runtime_error("no answer: reset, or ten seconds without a byte");
  received_.append(bytes, static_cast<std::size_t>(count));
  return count > 0;
}

void Client::read_to_end() {
  try {
    while (read_some()) continue;
  } catch (const std::runtime_error&) {
    if (!tls_ || !tls_->cut_off()) throw;
  }
}

bool Client::at_end() { return received_.empty() && !read_some(); }

Response Client::receive() {
  std::size_t head_end = 0;
  while ((head_end = received_.find("\r\n\r\n")) == std::string::npos) {
    if (!read_some()) throw std::runtime_error("closed before an answer: " + received_);
  }
  Response response;
  response.head = received_.substr(0, head_end + 2);
  received_.erase(0, head_end + 4);
  std::transform(response.head.begin(), response.head.end(), response.head.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  response.status = std::stoi(response.head.substr(9, 3));
  if (response.status == 100) return response;
  const std::size_t length = std::stoul(response.field("content-length"));
  while (received_.size() < length) {
    if (!read_some()) throw std::runtime_error("closed within an answer");
  }
  response.body = received_.substr(0, length);
  received_.erase(0, length);
  return response;
}

Response Client::exchange(std::string_view request) {
  send(request);
  return receive();
}

std::string request(const std::string& line, const std::string& body, const std::string& headers) {
  std::string text = line + " HTTP/1.1\r\nHost: localhost\r\n" + headers;
  if (!body.empty()) {
    if (headers.find("Content-Type") == std::string::npos) {
      text += "Content-Type: application/json\r\n";
    }
    text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  }
  return text + "\r\n" + body;
}

TestServer::TestServer(http::ServerOptions options, http::Auth auth) : auth_(std::move(auth)) {
  if (tls_by_default()) options = with_tls(options);
  options.port = "0";
  options.stop_on_signals = false;
  http::ListeningSocket socket(options.host, options.port);
  address_ = socket.address();
  server_ = std::make_unique<http::Server>(options, std::move(socket), *engine, auth_, metrics_);
  thread_ = std::thread([this] { server_->run(); });
}

TestServer::~TestServer() {
  engine->release();
  server_->stop();
  wait_until_stopped();
  engine.reset();  // its last answers still reach the server
}

void TestServer::wait_until_stopped() {
  if (thread_.joinable()) thread_.join();
}

Response TestServer::ask(const std::string& line, const std::string& body,
                         const std::string& headers) {
  return Client(address()).exchange(request(line, body, headers));
}

}  // namespace toll::tests
