// A connection that has become a stream of events. It pulls: the next page of the journal is read
// when the last one has been taken by the client, so a slow client costs one page of memory.
#pragma once

#include <array>

#include "http/message.hpp"
#include "http/peer.hpp"
#include "http/transport.hpp"

namespace toll::http {

class EventStream final : public Peer, public Delivery {
 public:
  static constexpr std::string_view content_type = "text/event-stream";

  /// Takes over the transport of a connection on which nothing is being read or written. The stream
  /// ends when `authorization` does: a token revoked or expired.
  EventStream(Transport transport, Shared& shared, Seats::Seat seat, billing::Seq after,
              Framing framing, std::string authorization);

  void start(const Pending& request);

  /// There may be events that this stream has not sent.
  void journal_grew();

  void expire(Clock::time_point now) override;
  void stop() override { close(); }
  void close() override;
  void deliver() override;  ///< the page has been read

 private:
  enum class State : std::uint8_t {
    fetching,  ///< the page is being read from the journal
    sending,
    waiting,  ///< everything durable has been sent
    closed,
  };

  void go_on();
  bool fetch(const persistence::Rows& rows, billing::Seq after);
  void put(std::string_view text);
  void write();
  void discard();

  Transport transport_;
  Shared& shared_;
  const Framing framing_;
  const std::string authorization_;
  std::string turn_;  ///< in which its pages are read
  Seats::Seat seat_;
  const AccountPtr account_;  ///< the seat's, for any thread
  State state_ = State::waiting;
  Clock::time_point deadline_;
  billing::Seq after_;  ///< the last event in out_ or before; the lists' thread's while it fetches
  bool damaged_ = false;             ///< what comes next cannot be read; the same
  std::string out_;                  ///< what is being sent; the same
  Backlog::Share share_;             ///< what of it counts; the same
  std::array<char, 256> discarded_;  ///< what a client says after its request is for nobody
};

}  // namespace toll::http
