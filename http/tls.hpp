// Certificate and key of a server that speaks TLS. Internal to the server: it shows Asio.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <string>

namespace toll::http {

/// A context for TLS 1.2 and later from two PEM files, the certificate with its chain. Throws
/// TlsError.
boost::asio::ssl::context load_tls(const std::string& certificate, const std::string& key);

}  // namespace toll::http
