// Certificate and key of a server that speaks TLS. Internal to the server: it shows Asio.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <ctime>

#include "http/server.hpp"

namespace toll::http {

/// A context for TLS 1.2 and later from two PEM files, the certificate with its chain. Throws
/// TlsError, also if others can read the key, unless a mount gives the modes.
boost::asio::ssl::context load_tls(const ServerOptions& options);

/// Until when its certificate holds, in seconds since 1970.
std::time_t expiry_of(boost::asio::ssl::context& context);

/// A line in the log, if it does no longer.
void warn_if_expired(boost::asio::ssl::context& context, const ServerOptions& options);

}  // namespace toll::http
