#include <catch2/catch.hpp>

#include "http/jwt.hpp"
#include "tests/support/jwt.hpp"

using namespace toll;
using namespace toll::test;
using access::SignatureKey;

namespace {

constexpr std::time_t now = 1'800'000'000;
const std::string secret(32, 's');
const std::string good = R"({"sub":"p1","user_type":"patient","exp":1800000001})";

const RsaKey& rsa() {
  static const RsaKey key;
  return key;
}

http::JwtVerifier both() {
  http::JwtVerifier jwt;
  jwt.add_key("HS256", SignatureKey::hs256(secret));
  jwt.add_key("RS256", SignatureKey::rs256(rsa().public_pem()));
  return jwt;
}

std::string with_claims(const std::string& claims) { return hs256(hs256_header, claims, secret); }

}  // namespace

TEST_CASE("a signed token is who it says, in each role") {
  const auto [type, subject, name] = GENERATE(table<std::string, std::string, std::string>({
      {"admin", "root", "admin/jwt:root"},
      {"service", "backend", "service/jwt:backend"},
      {"read", "reports", "read/jwt:reports"},
      {"patient", "p1", "patient:p1/jwt:p1"},
      {"doctor", "d:1", "doctor:d:1/jwt:d:1"},
  }));
  http::JwtVerifier jwt = both();
  const std::string text =
      R"({"iss":"x","sub":")" + subject + R"(","user_type":")" + type + R"(","exp":1800000001})";
  for (int time = 0; time < 2; ++time) {  // verified, then remembered
    for (const std::string& token : {with_claims(text), rsa().rs256(rs256_header, text)}) {
      const auto principal = jwt.identify(token, now);
      REQUIRE(principal);
      CHECK(principal->name == name);
      const bool person = type == "patient" || type == "doctor";
      CHECK(principal->person().has_value() == person);
      CHECK(principal->grant.id == (person ? subject : ""));
    }
  }
  CHECK(jwt.remembered() == 2);
}

TEST_CASE("time is enforced to the second, also for tokens remembered") {
  http::JwtVerifier jwt = both();
  const std::string token =
      with_claims(R"({"sub":"p1","user_type":"patient","nbf":1800000000,"exp":1800000010})");
  CHECK_FALSE(jwt.identify(token, now - 1));
  CHECK(jwt.identify(token, now));
  CHECK(jwt.identify(token, now + 9));
  CHECK_FALSE(jwt.identify(token, now + 10));
  CHECK_FALSE(jwt.identify(token, now - 1));
}

TEST_CASE("claims that say nobody") {
  const std::string claims = GENERATE(
      R"({"user_type":"patient","exp":1800000001})", R"({"sub":"p1","exp":1800000001})",
      R"({"sub":"p1","user_type":"patient"})",
      R"({"sub":"p1","user_type":"patient","exp":1800000000})",
      R"({"sub":"p1","user_type":"patient","exp":"1800000001"})",
      R"({"sub":"p1","user_type":"patient","exp":1800000001.5})",
      R"({"sub":"p1","user_type":"patient","exp":null})",
      R"({"sub":"p1","user_type":"patient","exp":99999999999999999999})",
      R"({"sub":"p1","user_type":"patient","exp":1800000001,"nbf":1800000001})",
      R"({"sub":"p1","user_type":"patient","exp":1800000001,"nbf":"0"})",
      R"({"sub":1,"user_type":"patient","exp":1800000001})",
      R"({"sub":"","user_type":"patient","exp":1800000001})",
      R"({"sub":"p 1","user_type":"patient","exp":1800000001})",
      R"({"sub":"p1","user_type":"patient:p1","exp":1800000001})",
      R"({"sub":"p1","user_type":"Patient","exp":1800000001})",
      R"({"sub":"p1","user_type":"root","exp":1800000001})",
      R"({"sub":"p1","user_type":["patient"],"exp":1800000001})",
      R"({"sub":"p1","sub":"p2","user_type":"patient","exp":1800000001})",
      R"({"sub":"p1","user_type":"patient","exp":1800000001)", R"([])", R"("x")", "", "{}");
  INFO(claims);
  http::JwtVerifier jwt = both();
  CHECK_FALSE(jwt.identify(with_claims(claims), now));
  CHECK_FALSE(jwt.identify(rsa().rs256(rs256_header, claims), now));
}

TEST_CASE("shapes that are no token") {
  http::JwtVerifier jwt = both();
  const std::string right = with_claims(good);
  REQUIRE(jwt.identify(right, now));
  const std::size_t first = right.find('.');
  const std::size_t second = right.rfind('.');
  const std::string head = right.substr(0, first);
  const std::string body = right.substr(first + 1, second - first - 1);
  const std::string mark = right.substr(second + 1);
  const std::vector<std::string> wrong{
      "", ".", "..", "...", "a.b.c", right + ".", "." + right, right + "=", right + "A",
      right.substr(0, right.size() - 1), head + "." + body, head + "." + body + ".",
      head + ".." + mark, "." + body + "." + mark, head + "." + body + "." + mark + "." + mark,
      head + "=." + body + "." + mark, head + " ." + body + "." + mark,
      // The last character of a signature of 32 bytes has two bits that must be 0.
      right.substr(0, right.size() - 1) + static_cast<char>(right.back() + 1),
      // Others' claims, or another header, under the same signature.
      head + "." + base64url(R"({"sub":"p2","user_type":"patient","exp":1800000001})") + "." + mark,
      base64url(R"({"typ":"JWT","alg":"HS256"})") + "." + body + "." + mark,
      hs256(hs256_header, good, std::string(32, 'x')),
      with_claims(R"({"pad":")" + std::string(4096, 'x') + R"(",)" + good.substr(1))};
  for (const std::string& token : wrong) {
    INFO(token.substr(0, 200));
    CHECK_FALSE(jwt.identify(token, now));
  }
  CHECK(jwt.remembered() == 1);
}

TEST_CASE("the algorithm is that of the key") {
  http::JwtVerifier jwt = both();
  const std::string none = base64url(R"({"alg":"none"})") + "." + base64url(good) + ".";
  CHECK_FALSE(jwt.identify(none, now));
  // The public key is no secret: it must not sign.
  CHECK_FALSE(jwt.identify(hs256(hs256_header, good, rsa().public_pem()), now));
  CHECK_FALSE(jwt.identify(hs256(rs256_header, good, rsa().public_pem()), now));
  CHECK_FALSE(jwt.identify(hs256(rs256_header, good, secret), now));
  CHECK_FALSE(jwt.identify(rsa().rs256(hs256_header, good), now));
  CHECK_FALSE(jwt.identify(RsaKey().rs256(rs256_header, good), now));
  for (const std::string header :
       {R"({"alg":"hs256"})", R"({"alg":"HS512"})", R"({})", R"({"alg":null})",
        R"({"alg":["HS256"]})", R"({"alg":"HS256","crit":["exp"]})",
        R"({"alg":"none","alg":"HS256"})", R"(["HS256"])", "x"}) {
    INFO(header);
    CHECK_FALSE(jwt.identify(hs256(header, good, secret), now));
  }
  http::JwtVerifier only_rsa;
  only_rsa.add_key("RS256", SignatureKey::rs256(rsa().public_pem()));
  CHECK(only_rsa.identify(rsa().rs256(rs256_header, good), now));
  CHECK_FALSE(only_rsa.identify(with_claims(good), now));
}

TEST_CASE("what is remembered is bounded, and goes on being valid") {
  http::JwtVerifier jwt = both();
  const auto token = [](int i) {
    return with_claims(R"({"sub":"p)" + std::to_string(i) +
                       R"(","user_type":"patient","exp":1800000001})");
  };
  bool all = true;
  for (int i = 0; i < 10'000; ++i) all = all && jwt.identify(token(i), now);
  CHECK(all);
  CHECK(jwt.remembered() <= 8192);
  CHECK(jwt.identify(token(0), now)->grant.id == "p0");
  CHECK(jwt.identify(token(9'999), now)->grant.id == "p9999");
}
