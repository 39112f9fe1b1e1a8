#include "tests/support/tls_session.hpp"

#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <poll.h>

#include <stdexcept>

namespace toll::test {

namespace {

constexpr int patience_ms = 10'000;

}  // namespace

TlsSession::TlsSession(int socket, const Wishes& wishes)
    : socket_(socket),
      context_(SSL_CTX_new(TLS_client_method()), SSL_CTX_free),
      ssl_(nullptr, SSL_free) {
  if (wishes.newest_version != 0) {
    SSL_CTX_set_security_level(context_.get(), 0);
    SSL_CTX_set_min_proto_version(context_.get(), TLS1_VERSION);
    SSL_CTX_set_max_proto_version(context_.get(), wishes.newest_version);
  }
  if (!wishes.ciphers.empty()) SSL_CTX_set_cipher_list(context_.get(), wishes.ciphers.c_str());
  ssl_.reset(SSL_new(context_.get()));
  fcntl(socket, F_SETFL, fcntl(socket, F_GETFL) | O_NONBLOCK);
  SSL_set_fd(ssl_.get(), socket);
  if (run([this] { return SSL_connect(ssl_.get()); }) != 1) {
    throw std::runtime_error("the handshake failed");
  }
}

/// The result when it is positive; 0 at close_notify, -1 at an error, the silence of ten seconds
/// and an end without close_notify included.
template <class Operation>
int TlsSession::run(Operation operation) {
  for (;;) {
    int error = 0;
    {
      const std::lock_guard lock(mutex_);
      ERR_clear_error();
      const int result = operation();
      if (result > 0) return result;
      error = SSL_get_error(ssl_.get(), result);
      cut_off_ = ERR_GET_REASON(ERR_peek_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING;
    }
    if (error == SSL_ERROR_ZERO_RETURN) return 0;
    if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) return -1;
    pollfd ready{socket_, static_cast<short>(error == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT), 0};
    if (poll(&ready, 1, patience_ms) != 1) return -1;
  }
}

ssize_t TlsSession::read(char* bytes, std::size_t size) {
  return run([&] { return SSL_read(ssl_.get(), bytes, static_cast<int>(size)); });
}

ssize_t TlsSession::write(const char* bytes, std::size_t size) {
  return run([&] { return SSL_write(ssl_.get(), bytes, static_cast<int>(size)); });
}

void TlsSession::end_writing() {
  const std::lock_guard lock(mutex_);
  SSL_shutdown(ssl_.get());
}

std::string TlsSession::version() { return SSL_get_version(ssl_.get()); }

std::string TlsSession::subject() {
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(
      SSL_get1_peer_certificate(ssl_.get()), X509_free);
  char name[256];
  X509_NAME_oneline(X509_get_subject_name(certificate.get()), name, sizeof name);
  return name;
}

}  // namespace toll::test
