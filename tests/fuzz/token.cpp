// A letter for what it is said to be, then: a token file, a token, a JSON Web Token of a stranger,
// claims that were signed, or a cursor. What was not given out is nobody's.
#include <nlohmann/json.hpp>

#include "access/token_set.hpp"
#include "billing/assert.hpp"
#include "http/cursor.hpp"
#include "http/jwt.hpp"
#include "tests/support/jwt.hpp"

namespace {

using namespace toll;
using Json = nlohmann::json;

const std::string secret = "thirty-two characters of secret!";
constexpr std::time_t now = 1'800'000'000;

http::JwtVerifier verifier() {
  http::JwtVerifier jwt;
  jwt.add_key("HS256", access::SignatureKey::hs256(secret));
  return jwt;
}

void check_file(std::string_view text) {
  try {
    const auto tokens = access::parse_tokens(text);
    std::string written = access::format_tokens(tokens);
    if (!text.ends_with('\n')) written.pop_back();
    TOLL_ASSERT(written == text);
    TOLL_ASSERT(access::TokenSet(tokens).size() == tokens.size());
  } catch (const access::TokenError&) {
  }
}

void check_token(std::string_view token) {
  static const std::string known = "toll_0123456789ab_" + std::string(64, 'c');
  static const access::TokenSet tokens(
      access::parse_tokens("toll-tokens 1\n0123456789ab backend service now " +
                           access::hex(access::sha256(known)) + "\n"));
  TOLL_ASSERT((tokens.find(token) != nullptr) == (token == known));
}

void check_stranger(std::string_view token) {
  static http::JwtVerifier jwt = verifier();
  static const std::string known = test::hs256(
      test::hs256_header, R"({"sub":"p1","user_type":"patient","exp":1900000000})", secret);
  TOLL_ASSERT((jwt.identify(token, now) != nullptr) == (token == known));
  if (const auto bytes = access::decode_base64url(token)) {
    TOLL_ASSERT(test::base64url(*bytes) == token);
  }
}

/// A header and claims, separated by a newline, that somebody with the secret has signed.
void check_signed(std::string_view text) {
  static http::JwtVerifier jwt = verifier();
  const std::size_t newline = std::min(text.find('\n'), text.size());
  const std::string header(text.substr(0, newline));
  const std::string claims(text.substr(std::min(newline + 1, text.size())));
  const auto principal = jwt.identify(test::hs256(header, claims, secret), now);
  if (!principal) return;
  const Json head = Json::parse(header);
  TOLL_ASSERT(head.at("alg") == "HS256" && !head.contains("crit"));
  const Json said = Json::parse(claims);
  TOLL_ASSERT(said.at("exp").is_number_integer() && said["exp"] > now);
  TOLL_ASSERT(!said.contains("nbf") || said["nbf"] <= now);
  const std::string subject = said.at("sub");
  const std::string type = said.at("user_type");
  TOLL_ASSERT(billing::valid_id(subject));
  const auto person = principal->person();
  TOLL_ASSERT(access::text(principal->grant) == (person ? type + ":" + subject : type));
  TOLL_ASSERT(!person || person->id == subject);
}

void check_cursor(std::string_view text) {
  const auto place = http::open_cursor("list", text);
  if (place) TOLL_ASSERT(http::seal_cursor("list", *place) == text);
  const std::string sealed = http::seal_cursor("list", std::string(text));
  TOLL_ASSERT(http::open_cursor("list", sealed) == text);
  TOLL_ASSERT(!http::open_cursor("another", sealed));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (static_cast<char>(data[0])) {
    case 'f':
      check_file(text);
      break;
    case 't':
      check_token(text);
      break;
    case 'j':
      check_stranger(text);
      break;
    case 's':
      check_signed(text);
      break;
    case 'c':
      check_cursor(text);
      break;
    default:
      break;
  }
  return 0;
}
