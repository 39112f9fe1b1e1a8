#include "http/loopback_host.hpp"

#include <boost/asio/ip/address.hpp>
#include <string>

namespace toll::http {

namespace {

struct HostAndPort {
  std::string_view host;
  std::string_view port;  ///< empty: the scheme's own
};

/// A colon within brackets belongs to an IPv6 address.
HostAndPort split(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == text.npos || text.ends_with(']')) return {text, {}};
  return {text.substr(0, colon), text.substr(colon + 1)};
}

bool is_loopback_address(std::string_view host) {
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(std::string(host), error);
  return !error && address.is_loopback();
}

}  // namespace

bool is_loopback_host(std::string_view host) {
  static constexpr std::string_view localhost = "localhost";
  std::string name(split(host).host);
  for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return name == localhost || name.ends_with("." + std::string(localhost)) ||
         is_loopback_address(name);
}

bool is_own_origin(std::string_view origin, std::string_view host) {
  const bool secure = origin.starts_with("https://");
  if (!secure && !origin.starts_with("http://")) return false;
  origin.remove_prefix(origin.find("//") + 2);
  const auto port_of = [&](std::string_view text) {
    const std::string_view port = split(text).port;
    return !port.empty() ? port : secure ? "443" : "80";
  };
  return is_loopback_host(origin) && port_of(origin) == port_of(host);
}

}  // namespace toll::http
