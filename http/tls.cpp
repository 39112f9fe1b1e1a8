#include "http/tls.hpp"

#include <openssl/ssl.h>

#include <fstream>

#include "access/secret_file.hpp"
#include "billing/assert.hpp"
#include "http/log.hpp"
#include "http/server.hpp"

namespace toll::http {

namespace {

namespace ssl = boost::asio::ssl;
using boost::system::error_code;

void require_readable(const std::string& what, const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream || stream.peek() == std::ifstream::traits_type::eof()) {
    throw TlsError("the " + what + " " + file + " cannot be read, or is empty");
  }
}

}  // namespace

ssl::context load_tls(const ServerOptions& options) {
  const std::string& certificate = options.tls_certificate;
  const std::string& key = options.tls_key;
  require_readable("certificate", certificate);
  require_readable("key", key);
  if (!options.secrets_from_mount) {
    if (const auto why = access::exposed(key)) throw TlsError("the key " + *why);
  }
  ssl::context context(ssl::context::tls_server);
  SSL_CTX* const native = context.native_handle();
  SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
  SSL_CTX_set_options(native, SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_mode(native, SSL_MODE_RELEASE_BUFFERS);
  // For TLS 1.2: forward secret and authenticated only. All of TLS 1.3 is.
  SSL_CTX_set_cipher_list(native, "ECDHE+AESGCM:ECDHE+CHACHA20");
  error_code error;
  // An encrypted key is an error, not a question on the terminal.
  context.set_password_callback([](std::size_t, ssl::context::password_purpose) { return ""; },
                                error);
  context.use_certificate_chain_file(certificate, error);
  if (error) throw TlsError("the certificate " + certificate + ": " + error.message());
  context.use_private_key_file(key, ssl::context::pem, error);
  if (error) {
    throw TlsError("the key " + key + ", for the certificate " + certificate + ": " +
                   error.message());
  }
  return context;
}

std::time_t expiry_of(ssl::context& context) {
  std::tm parts{};
  const X509* const certificate = SSL_CTX_get0_certificate(context.native_handle());
  TOLL_ASSERT(certificate && ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &parts) == 1);
  return timegm(&parts);
}

void warn_if_expired(boost::asio::ssl::context& context, const ServerOptions& options) {
  const std::time_t until = expiry_of(context);
  if (until > std::time(nullptr)) return;
  log(LogLevel::warn, "certificate_expired",
      {{"file", std::string_view(options.tls_certificate)}, {"since", std::int64_t{until}}});
}

void check_tls(const ServerOptions& options) {
  if (!options.tls()) return;
  auto context = load_tls(options);
  warn_if_expired(context, options);
}

}  // namespace toll::http
