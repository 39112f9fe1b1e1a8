#include "http/connection.hpp"

#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/rfc7230.hpp>
#include <iterator>

#include "http/event_stream.hpp"
#include "http/problem.hpp"

namespace toll::http {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using boost::system::error_code;

constexpr std::uint32_t max_head = 16 * 1024;  ///< bytes of request line and header fields
constexpr std::size_t max_fields = 100;
constexpr std::size_t max_buffered = 32 * 1024;  ///< more than a head, so that a full one fits
constexpr std::size_t max_drained = 16 * 1024 * 1024;

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

Reply too_many_connections(std::string_view whose) {
  return unavailable("too_many_connections",
                     std::string(whose) + " has all the connections that it may have.");
}

Reply headers_too_large() {
  return problem(431, "headers_too_large", "The header has too many or too long fields.");
}

}  // namespace

Connection::Connection(Transport transport, Shared& shared)
    : transport_(std::move(transport)), shared_(shared), buffer_(max_buffered) {}

std::shared_ptr<Connection> Connection::self() {
  return std::static_pointer_cast<Connection>(shared_from_this());
}

void Connection::enter(State state, Clock::duration limit) {
  state_ = state;
  deadline_ = limit == Clock::duration::max() ? Clock::time_point::max() : Clock::now() + limit;
}

void Connection::start(Seats::Seat seat) {
  error_code ignored;
  transport_.socket().non_blocking(true, ignored);
  seat_.emplace(std::move(seat));
  if (seat_->kind() == Seats::Kind::leaving) {
    return refuse(seat_->why_leaving() == Limit::connections
                      ? unavailable("overloaded", "The server has too many connections.")
                      : too_many_connections("This address"));
  }
  enter(State::handshaking, shared_.request_timeout);
  if (!transport_.secure()) return begin();
  transport_.async_handshake([self = self()](error_code error) {
    if (self->state_ != State::handshaking) return;
    error ? self->close() : self->begin();
  });
}

/// The first request has the rest of the time that it had when the client came.
void Connection::begin() {
  state_ = State::idle;
  read();
}

void Connection::read() {
  if (read_pending_) return;
  read_pending_ = true;
  const std::size_t room = std::min(read_size, buffer_.max_size() - buffer_.size());
  auto done = [self = self()](error_code error, std::size_t bytes) { self->on_read(error, bytes); };
  if (state_ == State::draining) {
    // Also under TLS: what is thrown away need not be understood.
    return transport_.socket().async_read_some(buffer_.prepare(room), std::move(done));
  }
  transport_.async_read_some(buffer_.prepare(room), std::move(done));
}

void Connection::on_read(error_code error, std::size_t bytes) {
  read_pending_ = false;
  switch (state_) {
    case State::idle:
    case State::reading:
      break;
    case State::draining:
      drained_ += bytes;
      return error || drained_ > max_drained ? close() : drain();
    default:
      return;  // a refusal overtook this read; what it brought belongs to nobody
  }
  if (error == asio::error::eof && state_ == State::reading) {
    return refuse(invalid_request("The request ends before it is complete."));
  }
  if (error == asio::error::eof) return leave();
  if (error) return close();
  buffer_.commit(bytes);
  seat_->moved();
  if (share_) shared_.requests.wait(*this, share_);
  parse();
}

void Connection::parse() {
  if (state_ == State::idle) {
    skip_blank_lines();
    if (buffer_.size() == 0 || received() == "\r") return shared_.stopping ? finish() : read();
    if (first_ && !shared_.stopping) {
      state_ = State::reading;
    } else {
      enter(State::reading, shared_.stopping ? arrival_at_stop : shared_.request_timeout);
    }
    framing_ = {};
    parser_.emplace();
    parser_->header_limit(max_head);
    parser_->body_limit(large_body);
    head_checked_ = false;
    line_read_ = false;
  }
  while (buffer_.size() > 0 && !parser_->is_done()) {
    // The parser would find out as well, but later, or on another byte if the line comes in pieces.
    if (!line_read_ && !may_become_request(received())) {
      return refuse(invalid_request("This is not HTTP/1.1."));
    }
    if (!head_checked_ && has_folded_line(received())) {
      return refuse(invalid_request("A header field must stand on one line."));
    }
    // The parser asserts that nobody shows it less of the end of an empty chunked body.
    if (parser_->chunked() && received().starts_with("0\r\n") && buffer_.size() < 5) break;
    error_code error;
    const std::size_t consumed = parser_->put(buffer_.data(), error);
    buffer_.consume(consumed);
    // The parser keeps what it has not understood yet: after the request line that is header
    // fields.
    line_read_ = line_read_ || consumed > 0;
    if (error == beast::http::error::need_more) {
      if (buffer_.size() == buffer_.max_size()) return refuse(headers_too_large());
      break;
    }
    if (error) return refuse_unreadable(error);
    if (parser_->is_header_done() && !head_checked_ && !check_head()) return;
  }
  if (!parser_->is_done()) return await_rest();
  // The parser adds them to the head, which has been checked and may have passed a proxy.
  if (parser_->chunked() && count_fields() != fields_) {
    return refuse(invalid_request("Header fields after the body are not supported."));
  }
  dispatch();
}

std::string_view Connection::received() const {
  return {static_cast<const char*>(buffer_.data().data()), buffer_.size()};
}

/// Some clients send a CRLF too many after a body (RFC 9112, 2.2).
void Connection::skip_blank_lines() {
  while (received().starts_with("\r\n")) buffer_.consume(2);
}

/// Limits that Beast does not know. False: the request has been refused, or goes on by itself.
bool Connection::check_head() {
  using beast::http::field;
  head_checked_ = true;
  const auto& head = parser_->get();
  framing_ = {parser_->keep_alive(), head.version() == 10,
              head.method() == beast::http::verb::head};
  fields_ = count_fields();
  if (fields_ > max_fields) return refuse(headers_too_large()), false;
  const auto hosts = head.count(field::host);
  if (hosts > 1 || (hosts == 0 && head.version() >= 11)) {
    return refuse(invalid_request("A request needs exactly one Host field.")), false;
  }
  // Of two, a proxy may have looked at the other one.
  if (head.count(field::authorization) > 1 || head.count(field::content_type) > 1) {
    return refuse(invalid_request("Authorization and Content-Type may be there once.")), false;
  }
  // The parser lets the same length be said again.
  if (head.count(field::content_length) > 1 ||
      view(head[field::content_length]).find(',') != std::string_view::npos) {
    return refuse(invalid_request("Content-Length may be there once.")), false;
  }
  // Anything but plain chunked is a way to smuggle a second request past a proxy, and a proxy of
  // HTTP/1.0 knows no encoding at all.
  const auto encoding = head.find(field::transfer_encoding);
  if (encoding != head.end() &&
      (head.version() < 11 || !beast::iequals(encoding->value(), "chunked"))) {
    return refuse(invalid_request("The Transfer-Encoding is not supported.")), false;
  }
  if (seat_->kind() == Seats::Kind::spare) {
    last_ = !seat_->settle();
    if (last_ &&
        !shared_.service.is_urgent(view(head.target()), view(head[field::authorization]))) {
      return refuse(unavailable("overloaded", "The server has too many connections.")), false;
    }
  }
  const auto length = parser_->content_length();
  if (parser_->chunked() || length.value_or(0) > small_body) {
    const std::size_t limit =
        shared_.service.body_limit(method_of(head.method()), view(head.target()));
    if (length.value_or(0) > limit) return refuse(payload_too_large(limit)), false;
    parser_->body_limit(limit);
  }
  const auto expect = head.find(field::expect);
  if (expect != head.end()) {
    if (!beast::iequals(expect->value(), "100-continue")) {
      return refuse(problem(417, "expectation_failed", "Only 100-continue can be expected.")),
             false;
    }
    if (!parser_->is_done() && buffer_.size() == 0) return continue_body(), false;
  }
  return true;
}

std::size_t Connection::count_fields() const {
  const auto& head = parser_->get();
  return static_cast<std::size_t>(std::distance(head.begin(), head.end()));
}

void Connection::continue_body() {
  static constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
  state_ = State::continuing;  // the request's deadline goes on
  transport_.async_write(asio::buffer(go_on), asio::transfer_all(),
                         [self = self()](error_code error, std::size_t) {
                           if (self->state_ != State::continuing) return;
                           if (error) return self->close();
                           self->state_ = State::reading;
                           self->read();
                         });
}

/// The body has not come with the head: from now on it counts, at its announced length, and whoever
/// sends it is no stranger if his token is right.
void Connection::await_rest() {
  if (head_checked_ && !share_) {
    const auto& head = parser_->get();
    pending_.principal = shared_.service.identify(view(head[beast::http::field::authorization]));
    if (!show_token()) return refuse(too_many_connections("This token"));
    const std::size_t bytes = parser_->content_length().value_or(
        shared_.service.body_limit(method_of(head.method()), view(head.target())));
    share_ = Backlog::Share(shared_.requests, seat_->account(), bytes);
    shared_.requests.wait(*this, share_);
  }
  read();
}

/// False: the token's owner may not have this connection as well.
bool Connection::show_token() { return !pending_.principal || seat_->show(pending_.principal); }

void Connection::refuse_unreadable(error_code error) {
  if (error == beast::http::error::header_limit) return refuse(headers_too_large());
  if (error == beast::http::error::body_limit) {
    const auto& head = parser_->get();
    return refuse(payload_too_large(
        shared_.service.body_limit(method_of(head.method()), view(head.target()))));
  }
  refuse(invalid_request("The request is not valid HTTP/1.1."));
}

void Connection::refuse(const Reply& reply) {
  shared_.service.open(pending_);
  framing_.keep_alive = false;
  write(reply);
}

void Connection::dispatch() {
  using beast::http::field;
  const auto& message = parser_->get();
  const Request request{method_of(message.method()),
                        view(message.target()),
                        message.body(),
                        view(message[field::content_type]),
                        view(message[field::authorization]),
                        view(message["X-Request-Id"]),
                        single(message, "Host"),
                        single(message, "Origin"),
                        single(message, "Idempotency-Key"),
                        single(message, "Last-Event-ID")};
  Action action = shared_.service.begin(request, pending_);
  if (!show_token()) {
    framing_.keep_alive = false;
    return write(too_many_connections("This token"));
  }
  if (const auto* reply = std::get_if<Reply>(&action)) return write(*reply);
  if (const auto* events = std::get_if<Follow>(&action)) return follow(*events);
  forget_request();
  const State state = std::holds_alternative<AskRows>(action) ? State::listing : State::working;
  enter(state, Clock::duration::max());  // all that the engine is asked it answers
  actors::Engine& engine = shared_.service.engine();
  if (auto* ask = std::get_if<AskEngine>(&action)) {
    return engine.submit(std::move(ask->command), self(), std::move(ask->cause),
                         std::move(ask->only_for));
  }
  list(std::get<AskRows>(std::move(action)));
}

/// What was read of it is no longer needed.
void Connection::forget_request() {
  share_.give_back();
  unlink();
  parser_.reset();
}

/// The stream takes the socket, and this connection is over.
void Connection::follow(const Follow& follow) {
  if (shared_.stopping) return write(unavailable("shutting_down", "The server is shutting down."));
  if (framing_.head) {
    frame_stream(out_, EventStream::content_type, pending_.request_id, framing_, pending_.headers);
    return send(Reply{});
  }
  if (const auto limit = shared_.streams.refuse(seat_->account())) {
    return write(*limit == Limit::streams
                     ? unavailable("overloaded", "The server has too many streams.")
                     : unavailable("too_many_streams", "This token has its share of the streams."));
  }
  shared_.service.ended(pending_, Reply{});
  std::make_shared<EventStream>(
      std::move(transport_), shared_, std::move(*seat_), follow.after, framing_,
      std::string(view(parser_->get()[beast::http::field::authorization])))
      ->start(pending_);
  close();
}

}  // namespace toll::http
