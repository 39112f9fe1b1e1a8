#include "http/connection.hpp"

#include "http/event_stream.hpp"
#include "http/problem.hpp"

namespace toll::http {

namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr std::size_t max_drained = 16 * 1024 * 1024;

Reply too_many_connections(std::string_view whose) {
  return unavailable("too_many_connections",
                     std::string(whose) + " has all the connections that it may have.");
}

}  // namespace

Connection::Connection(Transport transport, Shared& shared)
    : transport_(std::move(transport)), shared_(shared) {}

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
  auto done = [self = self()](error_code error, std::size_t bytes) { self->on_read(error, bytes); };
  if (state_ == State::draining) {
    // Also under TLS: what is thrown away need not be understood.
    return transport_.socket().async_read_some(reader_.room(), std::move(done));
  }
  transport_.async_read_some(reader_.room(), std::move(done));
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
  reader_.commit(bytes);
  seat_->moved();
  if (share_) shared_.requests.wait(*this, share_);
  parse();
}

/// Looks at what has come, as far as it goes.
void Connection::parse() {
  using Found = RequestReader::Found;
  while (true) {
    const RequestReader::Result result = reader_.look();
    const auto* const found = std::get_if<Found>(&result);
    if (found && *found == Found::nothing) return shared_.stopping ? finish() : read();
    if (state_ == State::idle) begin_request();
    framing_ = reader_.framing();
    if (!found) return refuse(std::get<Reply>(result));
    if (*found == Found::request) return dispatch();
    if (*found == Found::part) return await_rest();
    if (*found == Found::expects) return continue_body();
    if (!admit()) return;
  }
}

void Connection::begin_request() {
  if (first_ && !shared_.stopping) {
    state_ = State::reading;  // with the deadline of the handshake
  } else {
    enter(State::reading, shared_.stopping ? arrival_at_stop : shared_.request_timeout);
  }
}

/// The head is read. False: the request has been rejected.
bool Connection::admit() {
  const bool spare = seat_->kind() == Seats::Kind::spare;
  if (!spare && !reader_.may_be_long()) return true;
  const Request head = reader_.request();
  if (spare) {
    last_ = !seat_->settle();
    if (last_ && !shared_.service.is_urgent(head.target, head.authorization)) {
      return refuse(unavailable("overloaded", "The server has too many connections.")), false;
    }
  }
  if (reader_.may_be_long()) {
    reader_.limit_body(shared_.service.body_limit(head.method, head.target));
  }
  return true;
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
  if (reader_.has_head() && !share_) {
    const Request head = reader_.request();
    pending_.principal = shared_.service.identify(head.authorization);
    if (!show_token()) return refuse(too_many_connections("This token"));
    const std::size_t bytes =
        reader_.body_length().value_or(shared_.service.body_limit(head.method, head.target));
    share_ = Backlog::Share(shared_.requests, seat_->account(), bytes);
    shared_.requests.wait(*this, share_);
  }
  read();
}

/// False: the token's owner may not have this connection as well.
bool Connection::show_token() { return !pending_.principal || seat_->show(pending_.principal); }

void Connection::refuse(const Reply& reply) {
  shared_.service.open(pending_);
  framing_.keep_alive = false;
  write(reply);
}

void Connection::dispatch() {
  const Request request = reader_.request();
  Action action = shared_.service.begin(request, pending_);
  if (!show_token()) {
    framing_.keep_alive = false;
    return write(too_many_connections("This token"));
  }
  if (const auto* reply = std::get_if<Reply>(&action)) return write(*reply);
  if (const auto* events = std::get_if<Follow>(&action)) {
    return follow(*events, request.authorization);
  }
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
  reader_.forget();
}

/// The stream takes the socket, and this connection is over.
void Connection::follow(const Follow& follow, std::string_view authorization) {
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
  std::make_shared<EventStream>(std::move(transport_), shared_, std::move(*seat_), follow.after,
                                framing_, std::string(authorization))
      ->start(pending_);
  close();
}

}  // namespace toll::http
