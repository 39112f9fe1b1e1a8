// Who gets a place when there are few, and who makes room.
#include <catch2/catch.hpp>

#include "http/peer.hpp"

using namespace toll;
using http::Limit;
using http::Seats;

namespace {

namespace ip = boost::asio::ip;

/// A connection as the seats see it.
struct FakePeer final : http::Peer {
  void expire(http::Clock::time_point) override {}
  void stop() override {}
  void close() override {
    closed = true;
    seat->give_back();
  }
  std::optional<Seats::Seat> seat;
  bool closed = false;
};

struct Room {
  explicit Room(std::size_t places, std::size_t of_address = 1024, bool limited = true)
      : accounts(limited), seats(limits(places, of_address), accounts, metrics) {}

  static http::SeatLimits limits(std::size_t places, std::size_t of_address) {
    http::SeatLimits limits;
    limits.places = places;
    limits.of_address = of_address;
    limits.trusted.push_back(*http::Network::parse("10.9.0.0/16"));
    return limits;
  }

  /// The peer that came, seated or not.
  FakePeer& come(const std::string& address = "127.0.0.1") {
    FakePeer& peer = *peers.emplace_back(std::make_shared<FakePeer>());
    if (auto seat = seats.take(ip::make_address(address), peer))
      peer.seat.emplace(std::move(*seat));
    return peer;
  }

  http::Metrics metrics;
  http::Accounts accounts;
  Seats seats;
  std::vector<std::shared_ptr<FakePeer>> peers;
};

access::PrincipalPtr somebody(const std::string& name, access::Role role = access::Role::service) {
  const bool person = role == access::Role::patient;
  return std::make_shared<const access::Principal>(
      access::Principal{name, {role, person ? name : ""}});
}

}  // namespace

TEST_CASE("networks are read as operators write them") {
  const auto holds = [](const std::string& network, const std::string& address) {
    return http::Network::parse(network)->contains(ip::make_address(address));
  };
  CHECK(holds("10.0.0.0/8", "10.1.2.3"));
  CHECK(holds("10.0.0.0/8", "::ffff:10.1.2.3"));
  CHECK(holds("10.0.0.9/8", "10.1.2.3"));
  CHECK_FALSE(holds("10.0.0.0/8", "11.1.2.3"));
  CHECK(holds("192.0.2.7", "192.0.2.7"));
  CHECK_FALSE(holds("192.0.2.7", "192.0.2.8"));
  CHECK(holds("0.0.0.0/0", "11.1.2.3"));
  CHECK_FALSE(holds("0.0.0.0/0", "2001:db8::1"));
  CHECK(holds("2001:db8::/32", "2001:db8:1::1"));
  CHECK_FALSE(holds("2001:db8::/32", "2001:db9::1"));
  CHECK(holds("::1", "::1"));
  for (const std::string wrong : {"", "10.0.0.0/33", "10.0.0.0/", "10.0.0/8", "proxy", "::/129",
                                  "10.0.0.0/8 ", "10.0.0.0/-1", "10.0.0.0/8/8", "/8"}) {
    INFO(wrong);
    CHECK_FALSE(http::Network::parse(wrong));
  }
}

TEST_CASE("a client is an IPv4 address, or the /64 of an IPv6 one") {
  const auto key = [](const std::string& address) {
    return http::key_of(ip::make_address(address));
  };
  CHECK(key("2001:db8:0:1::1") == key("2001:db8:0:1:ffff::9"));
  CHECK(key("2001:db8:0:1::1") != key("2001:db8:0:2::1"));
  CHECK(key("192.0.2.1") == key("::ffff:192.0.2.1"));
  CHECK(key("192.0.2.1") != key("192.0.2.2"));
  CHECK(key("::c000:201") != key("192.0.2.1"));
}

TEST_CASE("an address has so many connections and no more, others have theirs") {
  Room room(100, 2);
  CHECK(room.come("192.0.2.1").seat->kind() == Seats::Kind::place);
  FakePeer& second = room.come("::ffff:192.0.2.1");
  CHECK(second.seat->kind() == Seats::Kind::place);
  const FakePeer& third = room.come("192.0.2.1");
  CHECK(third.seat->kind() == Seats::Kind::leaving);
  CHECK(third.seat->why_leaving() == Limit::connections_of_address);
  CHECK(room.come("192.0.2.2").seat->kind() == Seats::Kind::place);
  second.close();
  CHECK(room.come("192.0.2.1").seat->kind() == Seats::Kind::place);
  CHECK(room.come("192.0.2.1").seat->kind() == Seats::Kind::leaving);
  // This machine, and a proxy, are many clients.
  for (const std::string many : {"127.0.0.1", "127.8.0.1", "::1", "10.9.3.4", "::ffff:10.9.3.4"}) {
    for (int i = 0; i < 4; ++i) CHECK(room.come(many).seat->kind() == Seats::Kind::place);
  }
}

TEST_CASE("the longest silent of those who never showed a right token makes room") {
  Room room(3);
  FakePeer& a = room.come();
  FakePeer& known = room.come();
  FakePeer& b = room.come();
  REQUIRE(known.seat->show(somebody("k")));
  a.seat->moved();
  FakePeer& c = room.come();
  CHECK(b.closed);
  CHECK(c.seat->kind() == Seats::Kind::place);
  FakePeer& d = room.come();
  CHECK(a.closed);
  REQUIRE(c.seat->show(somebody("c")));
  REQUIRE(d.seat->show(somebody("d")));
  // All places are of those who are known: sixteen more are heard, the longest silent ones leave.
  std::vector<FakePeer*> spare;
  for (int i = 0; i < 16; ++i) spare.push_back(&room.come());
  for (const FakePeer* one : spare) CHECK(one->seat->kind() == Seats::Kind::spare);
  CHECK(room.come().seat->kind() == Seats::Kind::spare);
  CHECK(spare[0]->closed);
  CHECK_FALSE(spare[1]->closed);
  CHECK_FALSE(known.closed);
  // A spare one has no place, until there is one.
  CHECK_FALSE(spare[1]->seat->settle());
  CHECK(spare[1]->seat->kind() == Seats::Kind::leaving);
  known.close();
  CHECK(spare[2]->seat->settle());
  CHECK(spare[2]->seat->kind() == Seats::Kind::place);
}

TEST_CASE("where everybody is known and heard, a new one is told, and at last not even that") {
  Room room(1);
  REQUIRE(room.come().seat->show(somebody("a")));
  for (int i = 0; i < 16; ++i) REQUIRE(room.come().seat->show(somebody("b" + std::to_string(i))));
  for (int i = 0; i < 256; ++i) {
    const FakePeer& told = room.come();
    REQUIRE(told.seat->kind() == Seats::Kind::leaving);
    CHECK(told.seat->why_leaving() == Limit::connections);
  }
  CHECK_FALSE(room.come().seat);
  room.peers.back().reset();
  room.peers[100]->close();
  CHECK(room.come().seat->kind() == Seats::Kind::leaving);
}

TEST_CASE("a person has 64 connections, everybody else a quarter of all") {
  Room room(1000);
  const auto patient = somebody("p", access::Role::patient);
  for (int i = 0; i < 64; ++i) REQUIRE(room.come().seat->show(patient));
  FakePeer& refused = room.come();
  CHECK_FALSE(refused.seat->show(patient));
  CHECK_FALSE(refused.seat->account());
  const auto backend = somebody("s");
  for (int i = 0; i < 250; ++i) REQUIRE(room.come().seat->show(backend));
  CHECK_FALSE(room.come().seat->show(backend));
  // A connection that shows one token after the other counts for the last.
  CHECK(room.peers[0]->seat->show(somebody("other")));
  CHECK(refused.seat->show(patient));
  CHECK_FALSE(room.peers[0]->seat->show(patient));
  CHECK(room.peers[0]->seat->account() == room.accounts.of(somebody("other")));
  room.peers[1]->close();
  CHECK(room.peers[0]->seat->show(patient));
}

TEST_CASE("without authentication nobody has a share of his own") {
  Room room(100, 1024, false);
  const auto all = somebody("admin/auth:off", access::Role::admin);
  for (int i = 0; i < 100; ++i) REQUIRE(room.come().seat->show(all));
  CHECK(room.come().seat->kind() == Seats::Kind::spare);
}
