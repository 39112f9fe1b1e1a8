#include <catch2/catch.hpp>

#include "http/idempotency.hpp"

using namespace toll;
using namespace toll::http;

namespace {

billing::Cause cause(Method method, const std::string& target, const std::string& body,
                     const std::string& key = "k") {
  return cause_of("backend", key, method, *parse_target(target), body);
}

std::string hex(const billing::RequestDigest& digest) {
  std::string text;
  for (const char byte : digest) {
    constexpr std::string_view digits = "0123456789abcdef";
    const auto number = static_cast<unsigned char>(byte);
    text += digits[number / 16];
    text += digits[number % 16];
  }
  return text;
}

}  // namespace

TEST_CASE("digests of a POST are those of earlier versions: what they kept is found") {
  const auto end =
      cause(Method::post, "/v1/sessions/c1/end", R"( {"reason": "bye", "ended_by":"doctor"})");
  CHECK(hex(end.key) == "488e1d1e145e25bcef939be36f2947fb");
  CHECK(hex(end.request) == "f77d280f6e27ecfdce87cd3647135edc");
  CHECK(hex(cause(Method::post, "/v1/sessions/c1/end", "").request) ==
        "0637479c9049daa13cd62081eba52e3e");
}

TEST_CASE("the method tells requests apart") {
  const std::string target = "/v1/subscriptions/s1";
  CHECK(hex(cause(Method::patch, target, "{}").request) == "07012ffedf007b45b1d6622af4c242ca");
  const auto put = cause(Method::put, target, "{}");
  CHECK(put.request != cause(Method::patch, target, "{}").request);
  CHECK(put.request != cause(Method::post, target, "{}").request);
  CHECK(put.key == cause(Method::patch, target, "{}").key);
}

TEST_CASE("bodies that are read as the same have one digest") {
  const auto digest = [](const std::string& body) {
    return cause(Method::post, "/v1/subscriptions/s1/topups", body).request;
  };
  for (const std::string body : {"{}", "[]", " [ ] ", R"({"a":null})", R"({"a":null,"b":null})"}) {
    INFO(body);
    CHECK(digest(body) == digest(""));
  }
  CHECK(digest(R"({"a":{"b":null,"c":1},"d":[{"e":null}]})") ==
        digest(R"({"d":[{}],"a":{"c":1}})"));
  // Only at the top is an empty array nothing, and a null that is no member is something.
  CHECK(digest(R"({"a":[]})") != digest(R"({"a":{}})"));
  CHECK(digest(R"({"a":[]})") != digest("{}"));
  CHECK(digest(R"({"a":[null]})") != digest(R"({"a":[]})"));
}
