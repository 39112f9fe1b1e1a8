// One client: reads requests one at a time, answers them in order. Callbacks on the io thread, no
// coroutines (docs/ARCHITECTURE.md says why). Internal to the server: it shows Asio.
#pragma once

#include "http/peer.hpp"
#include "http/request_reader.hpp"
#include "http/transport.hpp"

namespace toll::http {

/// Memory is bounded: one request (see RequestReader) or one answer.
class Connection final : public Peer, public actors::Asker, public Delivery {
 public:
  Connection(Transport transport, Shared& shared);

  void start(Seats::Seat seat);

  /// Closes, or refuses with 408, when the deadline has passed.
  void expire(Clock::time_point now) override;

  /// An idle connection closes at once, any other after its answer.
  void stop() override;

  void close() override;

  /// The engine's answer, on any thread: kept here until the io thread fetches it.
  void answered(actors::Answer&& answer, actors::Effect) noexcept override;
  void deliver() override;

 private:
  enum class State : std::uint8_t {
    handshaking,
    idle,        ///< nothing of the next request has come
    reading,     ///< part of a request has come
    continuing,  ///< the client is being told to send the body
    working,     ///< the engine has the request
    listing,     ///< the lists' thread has it
    writing,     ///< the answer is being sent
    draining,    ///< the last answer is sent; what the client still sends is thrown away
    closed,
  };
  static constexpr std::chrono::seconds arrival_at_stop{2};

  void begin();
  void read();
  void on_read(boost::system::error_code error, std::size_t bytes);
  void parse();
  void begin_request();
  bool admit();
  void continue_body();
  void await_rest();
  void refuse(const Reply& reply);
  void dispatch();
  void forget_request();
  bool show_token();
  void follow(const Follow& follow, std::string_view authorization);
  void list(AskRows ask);
  void make_list(const AskRows& ask, const AccountPtr& account, const persistence::Rows& rows);
  void write(const Reply& reply);
  void send(const Reply& reply);
  void on_written(boost::system::error_code error);
  void finish();
  void drain();
  void leave();
  void enter(State state, Clock::duration limit);
  std::shared_ptr<Connection> self();

  Transport transport_;
  Shared& shared_;
  std::optional<Seats::Seat> seat_;
  State state_ = State::idle;
  std::atomic<bool> closed_{false};  ///< for the lists' thread
  Clock::time_point deadline_;       ///< looked at by expire(), a few times a second
  bool first_ = true;                ///< the request, of this connection
  bool last_ = false;                ///< likewise: a spare connection has no place to stay
  bool read_pending_ = false;
  Framing framing_;
  RequestReader reader_;
  Pending pending_;
  std::variant<actors::Answer, Reply> result_;  ///< written before the push to the outbox
  Backlog::Share listed_;                       ///< of a list in result_: the same
  std::string out_;
  std::string_view stored_;  ///< follows it
  Backlog::Share share_;     ///< of what is being sent, or of the body that is being read
  std::size_t drained_ = 0;
};

}  // namespace toll::http
