#include "access/signature.hpp"

#include <catch2/catch.hpp>
#include <stdexcept>

#include "tests/support/jwt.hpp"

using namespace toll::access;
using toll::test::RsaKey;

TEST_CASE("base64url is decoded as it is encoded, and in no other way") {
  CHECK(decode_base64url("") == "");
  CHECK(decode_base64url("Zg") == "f");
  CHECK(decode_base64url("Zm8") == "fo");
  CHECK(decode_base64url("Zm9v") == "foo");
  CHECK(decode_base64url("-_-_") == "\xfb\xff\xbf");
  std::string bytes;
  for (int i = 0; i < 256; ++i) {
    CHECK(decode_base64url(toll::test::base64url(bytes)) == bytes);
    bytes += static_cast<char>(i);
  }
  for (const std::string wrong :
       {"Z", "Zm9vY", "Zh", "Zm9", "Zg==", "Zg=", "+/+/", "Zm 9v", "Zm9v\n", "Z\xc3\xa4g"}) {
    INFO(wrong);
    CHECK_FALSE(decode_base64url(wrong));
  }
}

TEST_CASE("keys that are too weak, or none, are refused") {
  CHECK_NOTHROW(SignatureKey::hs256(std::string(32, 'x')));
  CHECK_THROWS_AS(SignatureKey::hs256(std::string(31, 'x')), std::invalid_argument);
  CHECK_NOTHROW(SignatureKey::rs256(RsaKey().public_pem()));
  CHECK_THROWS_AS(SignatureKey::rs256(RsaKey(1024).public_pem()), std::invalid_argument);
  CHECK_THROWS_AS(SignatureKey::rs256(""), std::invalid_argument);
  CHECK_THROWS_AS(SignatureKey::rs256("-----BEGIN PUBLIC KEY-----\nAAAA\n"), std::invalid_argument);
}
