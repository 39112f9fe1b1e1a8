// One client: reads requests one at a time, answers them in order. Callbacks on the io thread, no
// coroutines (docs/ARCHITECTURE.md says why). Internal to the server: it shows Asio and Beast.
#pragma once

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include "http/message.hpp"
#include "http/peer.hpp"
#include "http/transport.hpp"

namespace toll::http {

/// Memory is bounded: one request (head and body limits) or one answer, and one read buffer.
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
  static constexpr std::size_t read_size = 8 * 1024;
  static constexpr std::chrono::seconds arrival_at_stop{2};
  using Parser = boost::beast::http::request_parser<boost::beast::http::string_body>;

  void begin();
  void read();
  void on_read(boost::system::error_code error, std::size_t bytes);
  void parse();
  std::string_view received() const;
  void skip_blank_lines();
  bool check_head();
  std::size_t count_fields() const;
  void continue_body();
  void await_rest();
  void refuse(const Reply& reply);
  void refuse_unreadable(boost::system::error_code error);
  void dispatch();
  void forget_request();
  bool show_token();
  void follow(const Follow& follow);
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
  bool line_read_ = false;  ///< the request line of the request being read
  bool head_checked_ = false;
  std::size_t fields_ = 0;  ///< in the head, when it was checked
  Framing framing_;
  boost::beast::flat_buffer buffer_;
  std::optional<Parser> parser_;
  Pending pending_;
  std::variant<actors::Answer, Reply> result_;  ///< written before the push to the outbox
  Backlog::Share listed_;                       ///< of a list in result_: the same
  std::string out_;
  std::string_view stored_;  ///< follows it
  Backlog::Share share_;     ///< of what is being sent, or of the body that is being read
  std::size_t drained_ = 0;
};

}  // namespace toll::http
