// What a connection sends: answers as their clients take them, and the end.
#include <algorithm>
#include <array>
#include <boost/asio/post.hpp>

#include "http/connection.hpp"
#include "http/problem.hpp"

namespace toll::http {

namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using std::chrono::seconds;

constexpr std::size_t kept_answer = 4 * 1024;  ///< a longer answer gives its memory back
constexpr seconds drain_time{3};
constexpr seconds write_time{30};

Reply read_list(const AskRows& ask, const persistence::Rows& rows) {
  try {
    return ask.read(rows);
  } catch (const persistence::DamagedHistory&) {
    return unavailable("history_damaged",
                       "This is in a part of the journal that is damaged on the disk.");
  }
}

}  // namespace

/// On the io thread. Nobody keeps the others from their lists.
void Connection::list(AskRows ask) {
  const AccountPtr account = seat_->account();
  if (shared_.service.refuses_list(account)) {
    return write(unavailable("unread_answers", "Too many lists are under way with this token."));
  }
  if (account) ++account->lists;
  const std::string turn = pending_.principal ? pending_.principal->name : std::string();
  shared_.service.engine().query(
      turn, [self = self(), account, ask = std::move(ask)](const persistence::Rows& rows) {
        if (!self->closed_) self->make_list(ask, account, rows);
        if (account) --account->lists;
        self->shared_.outbox.push(self);
      });
}

/// On the lists' thread. Whoever does not read what he asked for gets no further lists.
void Connection::make_list(const AskRows& ask, const AccountPtr& account,
                           const persistence::Rows& rows) {
  if (const auto limit = shared_.answers.refuse_list(account)) {
    result_ =
        *limit == Limit::answers_of_principal
            ? unavailable("unread_answers", "Too many answers wait to be read with this token.")
            : unavailable("overloaded", "Too many answers wait to be read.");
    return;
  }
  Reply reply = read_list(ask, rows);
  listed_ = Backlog::Share(shared_.answers, account, reply.body.size());
  result_ = std::move(reply);
}

void Connection::answered(actors::Answer&& answer, actors::Effect) noexcept {
  result_ = std::move(answer);
  shared_.outbox.push(self());
}

void Connection::deliver() {
  if (state_ != State::working && state_ != State::listing) return;  // closed meanwhile
  if (const auto* reply = std::get_if<Reply>(&result_)) return write(*reply);
  write(shared_.service.answer(pending_, std::get<actors::Answer>(result_)));
}

void Connection::write(const Reply& reply) {
  if (shared_.stopping || last_) framing_.keep_alive = false;
  frame(out_, reply, pending_.request_id, framing_, pending_.headers);
  stored_ = framing_.head ? std::string_view() : reply.stored;
  send(reply);
}

/// Sends what is in out_ and stored_. Most answers go at once: nothing waits for their clients, and
/// nobody can be closed for it.
void Connection::send(const Reply& reply) {
  shared_.service.ended(pending_, reply);
  forget_request();
  listed_.give_back();
  enter(State::writing, write_time);
  std::array<asio::const_buffer, 2> parts{asio::buffer(out_), asio::buffer(stored_)};
  const std::size_t sent = transport_.write_at_once(parts);
  if (sent == asio::buffer_size(parts)) {
    // Others have their turn first. Their requests, and this client's next one, come meanwhile.
    return asio::post(transport_.socket().get_executor(),
                      [self = self()] { self->on_written({}); });
  }
  parts[1] += sent - std::min(sent, parts[0].size());
  parts[0] += sent;
  share_ = Backlog::Share(shared_.answers, seat_->account(), out_.size());
  shared_.answers.wait(*this, share_);
  const auto taken = [self = self()](error_code error, std::size_t) -> std::size_t {
    if (error || self->state_ != State::writing) return 0;
    self->shared_.answers.wait(*self, self->share_);
    return write_size;
  };
  transport_.async_write(
      parts, taken, [self = self()](error_code error, std::size_t) { self->on_written(error); });
}

void Connection::on_written(error_code error) {
  if (state_ == State::closed) return;
  if (error) return close();
  share_.give_back();
  unlink();
  seat_->moved();
  first_ = false;
  if (out_.capacity() > kept_answer) std::string().swap(out_);
  if (!read_pending_) reader_.shrink();  // a rejection may overtake a read into that memory
  if (!framing_.keep_alive) return finish();
  enter(State::idle, shared_.idle_timeout);
  parse();
}

void Connection::finish() {
  enter(State::draining, drain_time);
  reader_.discard();
  transport_.async_finish([self = self()] {
    if (self->state_ == State::draining) self->drain();
  });
}

/// Closing with unread bytes would reset the connection, and the client might never see the answer.
void Connection::drain() { read(); }

void Connection::expire(Clock::time_point now) {
  if (state_ == State::listing && transport_.is_reset()) return close();
  if (now < deadline_) return;
  if (state_ == State::idle) return leave();
  if (state_ != State::reading) return close();
  refuse(shared_.stopping
             ? unavailable("shutting_down", "The server is shutting down.")
             : problem(408, "request_timeout", "The request took too long to arrive."));
}

void Connection::stop() {
  if (state_ == State::handshaking) return close();
  if (state_ == State::idle) leave();
  // What is still arriving gets a little time, and then an answer before the server leaves.
  if (state_ == State::reading) deadline_ = std::min(deadline_, Clock::now() + arrival_at_stop);
}

/// Closes an idle connection; under TLS the client is told that this is the end.
void Connection::leave() { transport_.secure() ? finish() : close(); }

void Connection::close() {
  if (state_ == State::closed) return;
  state_ = State::closed;
  closed_ = true;
  share_.give_back();
  unlink();
  transport_.close();
  if (seat_) seat_->give_back();
  shared_.closed(this);
}

}  // namespace toll::http
