// Reads requests out of bytes, without a socket: limits, and whatever a proxy could take for
// another request than we do. Where the bytes are cut makes no difference. Internal to the server:
// it shows Beast.
#pragma once

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <variant>

#include "http/message.hpp"
#include "http/request.hpp"

namespace toll::http {

/// Memory is bounded: one request (head and body limits) and what has come behind it.
class RequestReader {
 public:
  enum class Found : std::uint8_t {
    nothing,  ///< not a byte of a request
    part,     ///< further bytes have to come
    head,     ///< it is whole and right, and was not found before: look again
    expects,  ///< the client waits for 100 Continue before it sends the body: look again after that
    request,  ///< it is whole
  };
  /// A reply rejects the request, and nothing can be read after it.
  using Result = std::variant<Found, Reply>;

  RequestReader() : buffer_(max_buffered) {}

  /// Where further bytes go; commit() says how many came.
  boost::asio::mutable_buffer room();
  void commit(std::size_t bytes) { buffer_.commit(bytes); }

  Result look();

  bool has_head() const { return stage_ == Stage::limits || stage_ == Stage::body; }

  /// From Found::head on. The body may be read later, but its announced length is known, if any.
  Request request() const;
  std::optional<std::size_t> body_length() const;

  /// Whether the body may be longer than small_body, so that the route's limit has to be set.
  bool may_be_long() const;
  void limit_body(std::size_t bytes) { body_limit_ = bytes; }

  /// What the request says about the connection, as far as it is read.
  const Framing& framing() const { return framing_; }

  /// The request is no longer needed. What has come behind it stays.
  void forget();

  void discard() { buffer_.clear(); }
  /// Gives memory back that only a large request needed.
  void shrink();

 private:
  enum class Stage : std::uint8_t { blank, line, head, limits, body };
  using Parser = boost::beast::http::request_parser<boost::beast::http::string_body>;
  static constexpr std::size_t read_size = 8 * 1024;
  static constexpr std::size_t max_buffered = 32 * 1024;  ///< more than a head: a full one fits

  bool begin();
  std::optional<Reply> reject_bytes() const;
  std::optional<Reply> reject_head();
  std::optional<Result> look_at_limits();
  Reply unreadable(const boost::system::error_code& error) const;
  std::string_view received() const;
  std::size_t count_fields() const;

  boost::beast::flat_buffer buffer_;
  std::optional<Parser> parser_;
  Stage stage_ = Stage::blank;
  Framing framing_;
  std::size_t body_limit_ = 0;
  std::size_t fields_ = 0;  ///< in the head, when it was checked
};

}  // namespace toll::http
