#include "http/listening_socket.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <system_error>
#include <utility>

namespace toll::http {

namespace {

namespace asio = boost::asio;
using Tcp = asio::ip::tcp;
using boost::system::error_code;

/// Boost's own exception is no std::system_error, which is what callers are promised.
void require(error_code error) {
  if (error) throw std::system_error(error);
}

Tcp::endpoint resolve(const std::string& host, const std::string& port) {
  asio::io_context io;
  error_code error;
  const auto found = Tcp::resolver(io).resolve(host, port, Tcp::resolver::passive, error);
  require(error);
  return found->endpoint();
}

std::string in_words(const Tcp::endpoint& bound) {
  const std::string host = bound.address().to_string();
  return (bound.address().is_v6() ? "[" + host + "]" : host) + ":" + std::to_string(bound.port());
}

}  // namespace

bool is_loopback(const std::string& host, const std::string& port) {
  return resolve(host, port).address().is_loopback();
}

ListeningSocket::ListeningSocket(const std::string& host, const std::string& port)
    : descriptor_(-1), v6_(false) {
  asio::io_context io;
  const Tcp::endpoint endpoint = resolve(host, port);
  Tcp::acceptor acceptor(io);
  error_code error;
  acceptor.open(endpoint.protocol(), error);
  require(error);
  acceptor.set_option(asio::socket_base::reuse_address(true), error);
  require(error);
  acceptor.bind(endpoint, error);
  require(error);
  acceptor.listen(asio::socket_base::max_listen_connections, error);
  require(error);
  const Tcp::endpoint bound = acceptor.local_endpoint(error);
  require(error);
  v6_ = bound.address().is_v6();
  address_ = in_words(bound);
  descriptor_ = acceptor.release(error);
  require(error);
}

ListeningSocket::ListeningSocket(int descriptor, bool v6, std::string address)
    : descriptor_(descriptor), v6_(v6), address_(std::move(address)) {}

ListeningSocket::~ListeningSocket() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

ListeningSocket::ListeningSocket(ListeningSocket&& other) noexcept
    : descriptor_(other.release()), v6_(other.v6_), address_(std::move(other.address_)) {}

ListeningSocket ListeningSocket::share() const {
  const int other = ::fcntl(descriptor_, F_DUPFD_CLOEXEC, 0);
  if (other < 0) throw std::system_error(errno, std::generic_category());
  return {other, v6_, address_};
}

int ListeningSocket::release() { return std::exchange(descriptor_, -1); }

}  // namespace toll::http
