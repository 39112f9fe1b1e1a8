#include <catch2/catch.hpp>

#include "http/auth.hpp"

using namespace toll::http;

namespace {

// printf %s secret | sha256sum
const std::string digest = "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b";

std::string error_of(const std::string& text) {
  std::optional<std::string> error;
  Auth::tokens(text, error);
  return error.value_or("");
}

}  // namespace

TEST_CASE("SHA-256 of the standard's example") {
  CHECK(hex(sha256("abc")) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_CASE("only known bearer tokens are allowed") {
  std::optional<std::string> error;
  const Auth auth =
      Auth::tokens("# comment\n\nother " + hex(sha256("x")) + "\r\nclinic " + digest + "\n", error);
  REQUIRE_FALSE(error);
  CHECK(auth.allows("Bearer secret"));
  CHECK(auth.allows("bearer  secret"));
  CHECK(auth.allows("BEARER x"));
  CHECK_FALSE(auth.allows(""));
  CHECK_FALSE(auth.allows("Bearer"));
  CHECK_FALSE(auth.allows("Bearer "));
  CHECK_FALSE(auth.allows("Bearer Secret"));
  CHECK_FALSE(auth.allows("Bearer secret "));
  CHECK_FALSE(auth.allows("Basic secret"));
  CHECK_FALSE(auth.allows("secret"));
  CHECK_FALSE(auth.allows("Bearer " + digest));
}

TEST_CASE("with auth off everybody is allowed") { CHECK(Auth::off().allows("")); }

TEST_CASE("what is no token file is refused, and the line is named") {
  CHECK(error_of("") == "there is no token in it");
  CHECK(error_of("# nothing\n") == "there is no token in it");
  CHECK(error_of("a " + digest + "\nclinic") == "line 2 is not NAME SHA256HEX");
  CHECK(error_of("clinic " + digest.substr(1)) == "line 1 is not NAME SHA256HEX");
  CHECK(error_of("clinic " + digest + " admin") == "line 1 is not NAME SHA256HEX");
  CHECK(error_of("clinic " + digest.substr(1) + "g") == "line 1 is not NAME SHA256HEX");
}
