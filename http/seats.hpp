// The places that connections take: how many there are, for whom, and who makes room when all are
// taken. On the io thread only.
#pragma once

#include <array>
#include <list>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "http/accounts.hpp"
#include "http/metrics.hpp"
#include "http/network.hpp"

namespace toll::http {

class Peer;

struct SeatLimits {
  std::size_t places = 4096;      ///< connections served at once
  std::size_t of_address = 1024;  ///< of them, for one address
  std::vector<Network> trusted;   ///< proxies, whose address is that of many clients

  /// Further connections, until their head is read: for probes and for those who show a right
  /// token.
  static constexpr std::size_t spare = 16;
  /// Further connections that are answered and then closed; more are just closed.
  static constexpr std::size_t leaving = 256;
  static constexpr std::size_t of_person = 64;
  static constexpr std::size_t shares = 4;  ///< of the places, anybody else may have one

  std::size_t of(const Account& account) const;

  /// Descriptors that `places` connections may need beside those of the data directory.
  static constexpr std::size_t above_places = spare + leaving;
};

class Seats {
 public:
  enum class Kind : std::uint8_t { place, spare, leaving };
  class Seat;

  /// The references outlive the object.
  Seats(SeatLimits limits, Accounts& accounts, Metrics& metrics)
      : limits_(std::move(limits)), accounts_(accounts), metrics_(metrics) {}

  /// A seat for a new connection: of the kind `leaving` if it can only be told that it has none,
  /// and none at all if even that is too much. Where all places are taken, whoever has been silent
  /// for longest of those who never showed a right token is closed for it.
  std::optional<Seat> take(const boost::asio::ip::address& address, Peer& peer);

 private:
  struct Entry {
    Peer* peer;
    Kind kind;
    Limit why;                            ///< it is a leaving one
    std::optional<AddressKey> address;    ///< where it is counted
    access::PrincipalPtr principal = {};  ///< who showed his token last
    AccountPtr account = {};              ///< where it is counted
    bool known = false;
  };
  using Entries = std::list<Entry>;

  Entries& line_of(const Entry& entry);
  std::optional<AddressKey> counted(const boost::asio::ip::address& address) const;
  bool make_room(Kind kind);
  void move(Entries::iterator entry, Kind kind, bool known);
  void remove(Entries::iterator entry);
  void leave_address(Entry& entry);
  static void leave_account(Entry& entry);

  const SeatLimits limits_;
  Accounts& accounts_;
  Metrics& metrics_;
  std::array<std::size_t, 3> taken_{};  ///< by kind
  std::map<AddressKey, std::size_t> by_address_;
  /// Those who never showed a right token, by kind, the longest silent first.
  std::array<Entries, 2> strangers_;
  Entries others_;
};

/// One connection's seat, given back when the object goes.
class Seats::Seat {
 public:
  Seat(Seats& seats, Entries::iterator entry) : seats_(&seats), entry_(entry) {}
  Seat(Seat&& other) noexcept
      : seats_(std::exchange(other.seats_, nullptr)), entry_(other.entry_) {}
  Seat& operator=(Seat&&) = delete;
  ~Seat() { give_back(); }

  Kind kind() const { return entry_->kind; }
  Limit why_leaving() const { return entry_->why; }

  /// Something came from the client, or was sent to it.
  void moved();

  /// The client has shown a right token. False: its owner has all the connections that he may have,
  /// and this one is not among them.
  bool show(const access::PrincipalPtr& principal);

  /// Null when nobody is limited, or nobody known.
  const AccountPtr& account() const { return entry_->account; }

  /// For a spare one whose head is read: whether it has a place now. If not it is a leaving one.
  bool settle();

  void give_back();

 private:
  Seats* seats_;  ///< null when it is given back
  Entries::iterator entry_;
};

}  // namespace toll::http
