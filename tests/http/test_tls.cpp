// What is particular to TLS; that all else holds over it too is shown by running all tests so.
#include <catch2/catch.hpp>
#include <fstream>

#include "tests/http/test_client.hpp"
#include "tests/support/certificate.hpp"

using namespace toll;
using namespace toll::tests;
using std::chrono::milliseconds;
using test::Certificate;
using test::TemporaryDirectory;

namespace {

std::string why(const std::string& certificate, const std::string& key) {
  http::ServerOptions options;
  options.tls_certificate = certificate;
  options.tls_key = key;
  try {
    http::check_tls(options);
  } catch (const http::TlsError& error) {
    return error.what();
  }
  return {};
}

}  // namespace

TEST_CASE("TLS 1.2 and 1.3 are spoken, nothing older and no weak cipher") {
  TestServer server(with_tls());
  Client newest(server.address(), true);
  CHECK(newest.tls().version() == "TLSv1.3");
  CHECK(newest.exchange(request("GET /livez")).status == 200);
  Client older(server.address(), test::TlsSession::Wishes{TLS1_2_VERSION, ""});
  CHECK(older.tls().version() == "TLSv1.2");
  CHECK(older.exchange(request("GET /livez")).status == 200);
  for (const int version : {TLS1_VERSION, TLS1_1_VERSION}) {
    CHECK_THROWS(Client(server.address(), test::TlsSession::Wishes{version, "ALL:@SECLEVEL=0"}));
  }
  for (const std::string ciphers : {"ECDHE-ECDSA-AES128-SHA256", "ECDHE-ECDSA-AES256-SHA"}) {
    CHECK_THROWS(Client(server.address(), test::TlsSession::Wishes{TLS1_2_VERSION, ciphers}));
  }
}

TEST_CASE("who does not shake hands is closed, and holds up nobody") {
  TestServer server(with_tls({.request_timeout = milliseconds(100)}));
  Client silent(server.address(), false);
  Client plain(server.address(), false);
  plain.send(request("GET /livez"));
  Client good(server.address(), true);
  CHECK(good.exchange(request("GET /livez")).status == 200);
  const auto to_the_end = [](Client& client) {
    while (client.read_some()) continue;  // an alert may come first
  };
  CHECK_NOTHROW(to_the_end(silent));
  CHECK_NOTHROW(to_the_end(plain));
  CHECK_THAT(plain.raw(), !Catch::Contains("HTTP/"));
}

TEST_CASE("the last answer ends with close_notify, and so does an idle connection") {
  TestServer server(with_tls());
  Client last(server.address(), true);
  last.exchange(request("GET /livez", "", "Connection: close\r\n"));
  CHECK(last.at_end());
  Client idle(server.address(), true);
  idle.exchange(request("GET /livez"));
  server.stop();
  CHECK(idle.at_end());
}

TEST_CASE("a client that says close_notify still gets its answer") {
  TestServer server(with_tls());
  Client client(server.address(), true);
  client.send(request("GET /livez") + request("GET /readyz"));
  client.end_sending();
  CHECK(client.receive().status == 200);
  CHECK(client.receive().status == 200);
}

TEST_CASE("certificates and keys that cannot be used are named") {
  const Certificate good, other;
  const TemporaryDirectory directory;
  const std::string empty = directory.inside("empty.pem"), junk = directory.inside("junk.pem"),
                    locked = directory.inside("locked.pem");
  std::ofstream(empty).close();
  std::ofstream(junk) << "-----BEGIN CERTIFICATE-----\njunk\n";
  const std::string lock = "openssl ec -aes128 -passout pass:secret -in " + good.key() + " -out " +
                           locked + " 2>/dev/null";
  REQUIRE(std::system(lock.c_str()) == 0);
  CHECK(why(good.file(), good.key()).empty());
  for (const std::string& bad : {directory.inside("none.pem"), empty, junk}) {
    CHECK_THAT(why(bad, good.key()), Catch::Contains("certificate " + bad));
    CHECK_THAT(why(good.file(), bad), Catch::Contains("key " + bad));
  }
  CHECK_THAT(why(good.file(), other.key()),
             Catch::Contains(other.key()) && Catch::Contains("mismatch"));
  CHECK_THAT(why(good.file(), locked), Catch::Contains(locked));
}
