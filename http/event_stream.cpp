#include "http/event_stream.hpp"

#include "http/views.hpp"

namespace toll::http {

namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr std::size_t page_events = 200;
constexpr std::size_t page_bytes = 64 * 1024;  ///< the event that goes beyond it is the last

void append_event(std::string& out, const billing::Record& record) {
  out += "id: ";
  out += std::to_string(record.seq);
  out += "\nevent: ";
  out += billing::name(record.fact);
  out += "\ndata: ";  // JSON as it is written here has no line breaks
  JsonWriter json(out);
  write_event(json, record);
  out += "\n\n";
}

}  // namespace

EventStream::EventStream(Transport transport, Shared& shared, Seats::Seat seat, billing::Seq after,
                         Framing framing, std::string authorization)
    : transport_(std::move(transport)),
      shared_(shared),
      framing_(framing),
      authorization_(std::move(authorization)),
      seat_(std::move(seat)),
      account_(seat_.account()),
      after_(after) {}

void EventStream::start(const Pending& request) {
  if (request.principal) turn_ = request.principal->name;
  shared_.opened(this);
  shared_.streams.opened(this, account_);
  frame_stream(out_, content_type, request.request_id, framing_, request.headers);
  write();
  discard();
}

/// Either there are events to send, or the stream waits until there are.
void EventStream::go_on() {
  actors::Engine& engine = shared_.service.engine();
  const billing::Seq durable = engine.durable();
  if (durable <= after_) {
    state_ = State::waiting;
    deadline_ = Clock::now() + shared_.stream_keep_alive;
    return shared_.streams.wake_beyond(durable);
  }
  state_ = State::fetching;
  engine.query_journal(turn_, [self = std::static_pointer_cast<EventStream>(shared_from_this()),
                               after = after_](const persistence::Rows& rows) {
    self->damaged_ = !self->fetch(rows, after);
    self->shared_.outbox.push(self);
  });
}

/// False if the events cannot be read.
bool EventStream::fetch(const persistence::Rows& rows, billing::Seq after) try {
  std::string page;
  for (const billing::Record& record : rows.events(after, page_events)) {
    append_event(page, record);
    after_ = record.seq;
    if (page.size() >= page_bytes) break;
  }
  put(page);
  return true;
} catch (const persistence::DamagedHistory&) {
  return false;
}

void EventStream::deliver() {
  if (state_ != State::fetching) return;  // closed meanwhile
  if (damaged_) return close();
  write();
}

void EventStream::journal_grew() {
  if (state_ == State::waiting) go_on();
}

void EventStream::put(std::string_view text) {
  out_ = framing_.http_1_0 ? std::string(text) : chunk(text);
  share_ = Backlog::Share(shared_.answers, account_, out_.size());
}

void EventStream::write() {
  state_ = State::sending;
  shared_.answers.wait(*this, share_);
  const auto self = std::static_pointer_cast<EventStream>(shared_from_this());
  // Each part that the client takes is a sign of life.
  const auto taken = [self](error_code error, std::size_t) -> std::size_t {
    if (error || self->state_ == State::closed) return 0;
    self->deadline_ = Clock::now() + self->shared_.stream_stall;
    self->shared_.answers.wait(*self, self->share_);
    return write_size;
  };
  transport_.async_write(asio::buffer(out_), taken, [self](error_code error, std::size_t) {
    if (self->state_ == State::closed) return;
    if (error) return self->close();
    self->unlink();
    self->share_.give_back();
    self->go_on();
  });
}

/// Reading is how a stream notices that its client has left.
void EventStream::discard() {
  transport_.async_read_some(asio::buffer(discarded_),
                             [self = std::static_pointer_cast<EventStream>(shared_from_this())](
                                 error_code error, std::size_t) {
                               if (self->state_ == State::closed) return;
                               error ? self->close() : self->discard();
                             });
}

void EventStream::expire(Clock::time_point now) {
  if (!shared_.service.knows(authorization_)) return close();
  if (state_ == State::fetching || now < deadline_) return;
  if (state_ == State::waiting) return put(": keep-alive\n\n"), write();
  shared_.streams.dropped();
  close();
}

void EventStream::close() {
  if (state_ == State::closed) return;
  // Until the page has been read its share is the lists' thread's, and goes with the stream.
  if (state_ != State::fetching) share_.give_back();
  state_ = State::closed;
  unlink();
  transport_.close();
  seat_.give_back();
  shared_.streams.closed(this);
  shared_.closed(this);
}

}  // namespace toll::http
