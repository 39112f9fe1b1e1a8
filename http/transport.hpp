// The bytes of one client, in the clear or through TLS. The socket is not type-erased, because it
// is hot: in the clear each operation costs one look at a pointer more than the socket's own.
#pragma once

#include <openssl/ssl.h>
#include <poll.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <memory>

namespace toll::http {

using Tcp = boost::asio::ip::tcp;
using Executor = boost::asio::io_context::executor_type;
using Socket = boost::asio::basic_stream_socket<Tcp, Executor>;

/// Of an answer, what is handed to the kernel at a time: a client that takes it gives a sign of
/// life.
inline constexpr std::size_t write_size = 64 * 1024;

class Transport {
 public:
  explicit Transport(Socket socket) : socket_(std::move(socket)) {}

  Transport(Socket socket, boost::asio::ssl::context& context)
      : socket_(std::move(socket)), tls_(std::make_unique<Tls>(std::move(socket_), context)) {
    // Whatever is read or written first shakes hands: a client that is refused unheard can be told.
    SSL_set_accept_state(tls_->native_handle());
  }

  bool secure() const { return tls_ != nullptr; }
  Socket& socket() { return tls_ ? tls_->next_layer() : socket_; }

  /// Calls `done(error)`. Only when secure.
  template <class Done>
  void async_handshake(Done done) {
    tls_->async_handshake(boost::asio::ssl::stream_base::server, std::move(done));
  }

  /// Calls `done(error, bytes)`.
  template <class Buffer, class Done>
  void async_read_some(const Buffer& buffer, Done done) {
    if (tls_) return tls_->async_read_some(buffer, std::move(done));
    socket_.async_read_some(buffer, std::move(done));
  }

  /// What the kernel takes at once, of `buffers`. Nothing is taken through TLS, or with an error,
  /// which the next operation then has as well.
  template <class Buffers>
  std::size_t write_at_once(const Buffers& buffers) {
    if (tls_) return 0;
    boost::system::error_code ignored;
    return socket_.write_some(buffers, ignored);
  }

  /// Writes all of it; `progress(error, bytes)` is a completion condition of Asio. Calls
  /// `done(error, bytes)`.
  template <class Buffer, class Progress, class Done>
  void async_write(const Buffer& buffer, Progress progress, Done done) {
    if (tls_) return boost::asio::async_write(*tls_, buffer, progress, std::move(done));
    boost::asio::async_write(socket_, buffer, progress, std::move(done));
  }

  /// Says that nothing more will be sent: close_notify, if secure, and the end of the TCP stream.
  /// Calls `done()`, at once or when the peer has answered; after that only the socket is read.
  template <class Done>
  void async_finish(Done done) {
    if (!tls_) return shut_down(), done();
    tls_->async_shutdown([this, done = std::move(done)](boost::system::error_code) {
      shut_down();
      done();
    });
  }

  /// Whether the peer is gone altogether: one that only says no more may still read.
  bool is_reset() {
    pollfd look{socket().native_handle(), 0, 0};
    return ::poll(&look, 1, 0) > 0;
  }

  void close() {
    boost::system::error_code ignored;
    socket().close(ignored);
  }

 private:
  using Tls = boost::asio::ssl::stream<Socket>;

  void shut_down() {
    boost::system::error_code ignored;
    socket().shutdown(Tcp::socket::shutdown_send, ignored);
  }

  Socket socket_;  ///< moved from when secure
  std::unique_ptr<Tls> tls_;
};

}  // namespace toll::http
