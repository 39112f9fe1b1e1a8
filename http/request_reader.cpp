#include "http/request_reader.hpp"

#include <algorithm>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/rfc7230.hpp>
#include <iterator>

#include "http/problem.hpp"

namespace toll::http {

namespace {

namespace beast = boost::beast;
using beast::http::field;
using boost::system::error_code;

constexpr std::uint32_t max_head = 16 * 1024;  ///< bytes of request line and header fields
constexpr std::size_t max_fields = 100;

Method method_of(beast::http::verb verb) {
  switch (verb) {
    case beast::http::verb::get:
    case beast::http::verb::head:  // the same answer, without its body: see Framing
      return Method::get;
    case beast::http::verb::put:
      return Method::put;
    case beast::http::verb::patch:
      return Method::patch;
    case beast::http::verb::post:
      return Method::post;
    case beast::http::verb::options:
      return Method::options;
    default:
      return Method::other;
  }
}

std::string_view view(beast::string_view text) { return {text.data(), text.size()}; }

/// A field that may be there once: absent, its value, or empty when the client sent several, of
/// which none may decide.
std::optional<std::string_view> single(const beast::http::fields& fields, const char* name) {
  const auto [first, end] = fields.equal_range(name);
  if (first == end) return std::nullopt;
  return std::next(first) == end ? view(first->value()) : std::string_view();
}

Reply headers_too_large() {
  return problem(431, "headers_too_large", "The header has too many or too long fields.");
}

}  // namespace

boost::asio::mutable_buffer RequestReader::room() {
  return buffer_.prepare(std::min(read_size, buffer_.max_size() - buffer_.size()));
}

RequestReader::Result RequestReader::look() {
  if (stage_ == Stage::blank && !begin()) return Found::nothing;
  if (stage_ == Stage::limits) {
    stage_ = Stage::body;
    if (auto result = look_at_limits()) return std::move(*result);
  }
  while (buffer_.size() > 0 && !parser_->is_done()) {
    if (auto reply = reject_bytes()) return std::move(*reply);
    // The parser asserts that nobody shows it less of the end of an empty chunked body.
    if (parser_->chunked() && received().starts_with("0\r\n") && buffer_.size() < 5) break;
    error_code error;
    const std::size_t consumed = parser_->put(buffer_.data(), error);
    buffer_.consume(consumed);
    // The parser keeps what it has not understood yet: after the request line that is header
    // fields.
    if (stage_ == Stage::line && consumed > 0) stage_ = Stage::head;
    if (error == beast::http::error::need_more) {
      if (buffer_.size() == buffer_.max_size()) return headers_too_large();
      break;
    }
    if (error) return unreadable(error);
    if (parser_->is_header_done() && !has_head()) {
      if (auto reply = reject_head()) return std::move(*reply);
      stage_ = Stage::limits;
      return Found::head;
    }
  }
  if (!parser_->is_done()) return Found::part;
  // The parser adds them to the head, which has been checked and may have passed a proxy.
  if (parser_->chunked() && count_fields() != fields_) {
    return invalid_request("Header fields after the body are not supported.");
  }
  return Found::request;
}

/// False: nothing of a request has come.
bool RequestReader::begin() {
  // Some clients send a CRLF too many after a body (RFC 9112, 2.2).
  while (received().starts_with("\r\n")) buffer_.consume(2);
  if (buffer_.size() == 0 || received() == "\r") return false;
  stage_ = Stage::line;
  framing_ = {};
  parser_.emplace();
  parser_->header_limit(max_head);
  parser_->body_limit(boost::none);  // set when the head is known
  body_limit_ = small_body;
  return true;
}

/// What the parser would find out as well, but later, or on another byte if the bytes come in
/// pieces.
std::optional<Reply> RequestReader::reject_bytes() const {
  if (stage_ == Stage::line && !may_become_request(received())) {
    return invalid_request("This is not HTTP/1.1.");
  }
  if (!has_head() && has_folded_line(received())) {
    return invalid_request("A header field must stand on one line.");
  }
  return std::nullopt;
}

/// Limits that Beast does not know, and heads that a proxy may have read otherwise.
std::optional<Reply> RequestReader::reject_head() {
  const auto& head = parser_->get();
  framing_ = {parser_->keep_alive(), head.version() == 10,
              head.method() == beast::http::verb::head};
  fields_ = count_fields();
  if (fields_ > max_fields) return headers_too_large();
  const auto hosts = head.count(field::host);
  if (hosts > 1 || (hosts == 0 && head.version() >= 11)) {
    return invalid_request("A request needs exactly one Host field.");
  }
  // Of two, a proxy may have looked at the other one.
  if (head.count(field::authorization) > 1 || head.count(field::content_type) > 1) {
    return invalid_request("Authorization and Content-Type may be there once.");
  }
  // The parser lets the same length be said again.
  if (head.count(field::content_length) > 1 ||
      view(head[field::content_length]).find(',') != std::string_view::npos) {
    return invalid_request("Content-Length may be there once.");
  }
  // Anything but plain chunked is a way to smuggle a second request past a proxy, and a proxy of
  // HTTP/1.0 knows no encoding at all.
  const auto encoding = head.find(field::transfer_encoding);
  if (encoding != head.end() &&
      (head.version() < 11 || !beast::iequals(encoding->value(), "chunked"))) {
    return invalid_request("The Transfer-Encoding is not supported.");
  }
  return std::nullopt;
}

/// Once, after the head was found: the limit of its body is set by now.
std::optional<RequestReader::Result> RequestReader::look_at_limits() {
  if (may_be_long()) {
    if (body_length().value_or(0) > body_limit_) return payload_too_large(body_limit_);
    parser_->body_limit(body_limit_);
  }
  const auto& head = parser_->get();
  const auto expect = head.find(field::expect);
  if (expect == head.end()) return std::nullopt;
  if (!beast::iequals(expect->value(), "100-continue")) {
    return problem(417, "expectation_failed", "Only 100-continue can be expected.");
  }
  if (!parser_->is_done() && buffer_.size() == 0) return Found::expects;
  return std::nullopt;
}

Reply RequestReader::unreadable(const error_code& error) const {
  if (error == beast::http::error::header_limit) return headers_too_large();
  if (error == beast::http::error::body_limit) return payload_too_large(body_limit_);
  return invalid_request("The request is not valid HTTP/1.1.");
}

Request RequestReader::request() const {
  const auto& message = parser_->get();
  return {method_of(message.method()),
          view(message.target()),
          message.body(),
          view(message[field::content_type]),
          view(message[field::authorization]),
          view(message["X-Request-Id"]),
          single(message, "Host"),
          single(message, "Origin"),
          single(message, "Idempotency-Key"),
          single(message, "Last-Event-ID")};
}

std::optional<std::size_t> RequestReader::body_length() const {
  const auto length = parser_->content_length();
  return length ? std::optional<std::size_t>(*length) : std::nullopt;
}

bool RequestReader::may_be_long() const {
  return parser_->chunked() || body_length().value_or(0) > small_body;
}

void RequestReader::forget() {
  parser_.reset();
  stage_ = Stage::blank;
}

void RequestReader::shrink() {
  if (buffer_.size() == 0 && buffer_.capacity() > read_size) buffer_.shrink_to_fit();
}

std::string_view RequestReader::received() const {
  return {static_cast<const char*>(buffer_.data().data()), buffer_.size()};
}

std::size_t RequestReader::count_fields() const {
  const auto& head = parser_->get();
  return static_cast<std::size_t>(std::distance(head.begin(), head.end()));
}

}  // namespace toll::http
