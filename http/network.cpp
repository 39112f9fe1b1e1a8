#include "http/network.hpp"

#include <algorithm>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>
#include <charconv>

namespace toll::http {

namespace ip = boost::asio::ip;

std::optional<Network> Network::parse(const std::string& text) {
  const std::size_t slash = text.find('/');
  boost::system::error_code error;
  const ip::address address = unmapped(ip::make_address(text.substr(0, slash), error));
  if (error) return std::nullopt;
  const unsigned short most = address.is_v4() ? 32 : 128;
  unsigned short bits = most;
  if (slash != std::string::npos) {
    const char* const end = text.data() + text.size();
    const auto [read, wrong] = std::from_chars(text.data() + slash + 1, end, bits);
    if (wrong != std::errc() || read != end || bits > most) return std::nullopt;
  }
  return Network(address, bits);
}

bool Network::contains(const ip::address& client) const {
  const ip::address address = unmapped(client);
  if (address.is_v4() != address_.is_v4()) return false;
  if (address.is_v4()) {
    return ip::network_v4(address.to_v4(), bits_).canonical() ==
           ip::network_v4(address_.to_v4(), bits_).canonical();
  }
  return ip::network_v6(address.to_v6(), bits_).canonical() ==
         ip::network_v6(address_.to_v6(), bits_).canonical();
}

ip::address unmapped(const ip::address& address) {
  if (!address.is_v6() || !address.to_v6().is_v4_mapped()) return address;
  return ip::make_address_v4(ip::v4_mapped, address.to_v6());
}

AddressKey key_of(const ip::address& client) {
  const ip::address address = unmapped(client);
  if (address.is_v4()) return {false, address.to_v4().to_uint()};
  const auto bytes = address.to_v6().to_bytes();
  std::uint64_t network = 0;
  for (std::size_t i = 0; i < sizeof network; ++i) network = network << 8 | bytes[i];
  return {true, network};
}

}  // namespace toll::http
