#include <catch2/catch.hpp>

#include "http/loopback_host.hpp"

using namespace toll::http;

TEST_CASE("hosts that can only be this machine") {
  for (const char* host : {"localhost", "localhost:1", "LOCALHOST", "a.localhost:8080", "127.0.0.1",
                           "127.0.0.1:80", "127.255.255.254", "[::1]", "[::1]:8080"}) {
    INFO(host);
    CHECK(is_loopback_host(host));
  }
  for (const char* host : {"", ":80", "example.org", "localhost.example.org", "mylocalhost",
                           ".example", "128.0.0.1", "127.1", "0x7f000001", "::1", "[::2]", "[::1",
                           "127.0.0.1.", "127.0.0.1/x", "user@localhost"}) {
    INFO(host);
    CHECK_FALSE(is_loopback_host(host));
  }
}

TEST_CASE("an own origin is on loopback and at the same port") {
  CHECK(is_own_origin("http://localhost:8080", "localhost:8080"));
  CHECK(is_own_origin("http://127.0.0.1:8080", "[::1]:8080"));
  CHECK(is_own_origin("https://localhost", "localhost:443"));
  CHECK(is_own_origin("http://localhost", "localhost"));
  for (const char* origin :
       {"", "null", "localhost:8080", "http://localhost", "http://localhost:80",
        "http://example.org:8080", "ftp://localhost:8080", "http://localhost:8080@example.org"}) {
    INFO(origin);
    CHECK_FALSE(is_own_origin(origin, "localhost:8080"));
  }
  CHECK_FALSE(is_own_origin("http://localhost", "localhost:8080"));
}
