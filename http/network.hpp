// Addresses of clients: which networks the operator trusts, and which of them are one client.
#pragma once

#include <boost/asio/ip/address.hpp>
#include <optional>
#include <string>
#include <utility>

namespace toll::http {

/// A network as the operator writes it: `10.0.0.0/8`, `fd00::/8`, or a single address.
class Network {
 public:
  static std::optional<Network> parse(const std::string& text);

  /// An IPv4 address is the same whether it came over IPv4 or over IPv6.
  bool contains(const boost::asio::ip::address& address) const;

 private:
  Network(boost::asio::ip::address address, unsigned short bits)
      : address_(std::move(address)), bits_(bits) {}

  boost::asio::ip::address address_;
  unsigned short bits_;
};

/// An IPv4 address that came over IPv6 as what it is.
boost::asio::ip::address unmapped(const boost::asio::ip::address& address);

/// What is one client as far as its address can tell: an IPv4 address, or the /64 of an IPv6 one,
/// which whoever has one of its addresses has whole.
using AddressKey = std::pair<bool, std::uint64_t>;
AddressKey key_of(const boost::asio::ip::address& address);

}  // namespace toll::http
