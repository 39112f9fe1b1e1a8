#include <catch2/catch.hpp>
#include <fstream>

#include "access/token_store.hpp"
#include "http/auth.hpp"
#include "tests/support/temporary_directory.hpp"

using namespace toll;
using http::Auth;

TEST_CASE("only known bearer tokens are somebody") {
  test::TemporaryDirectory dir;
  const std::string file = dir.inside("tokens");
  const std::string token = access::TokenStore(file).create("clinic", {access::Role::service, ""});
  Auth auth(file);
  REQUIRE(auth.knows_somebody());
  for (const std::string scheme : {"Bearer ", "bearer  ", "BEARER "}) {
    INFO(scheme);
    REQUIRE(auth.identify(scheme + token));
    CHECK(auth.identify(scheme + token)->name == "service/clinic");
  }
  for (const std::string& value :
       {std::string(), std::string("Bearer"), std::string("Bearer "), "Bearer " + token + " ",
        "Basic " + token, token, "Bearer x" + token, std::string("Bearer a.b.c")}) {
    INFO(value);
    CHECK_FALSE(auth.identify(value));
  }
}

TEST_CASE("a file that breaks keeps those who were known, for a minute") {
  test::TemporaryDirectory dir;
  const std::string file = dir.inside("tokens");
  Auth auth(file);
  const std::string token = access::TokenStore(file).create("a", {access::Role::read, ""});
  CHECK_FALSE(auth.identify("Bearer " + token));
  auth.refresh();
  CHECK(auth.identify("Bearer " + token));
  int errors = 0;
  auth.on_unusable = [&](std::string_view what) { errors += what == "tokens"; };
  std::ofstream(file) << "broken";
  const auto begin = Auth::Clock::now();
  auth.refresh(begin);
  CHECK(auth.identify("Bearer " + token));
  CHECK(auth.unreadable("Bearer " + token));
  CHECK_FALSE(auth.unreadable("Bearer a.b.c"));
  CHECK_FALSE(auth.unreadable(""));
  auth.refresh(begin + std::chrono::seconds(60));
  CHECK_FALSE(auth.identify("Bearer " + token));
  CHECK(auth.unreadable_for(begin + std::chrono::seconds(61)) == std::chrono::seconds(61));
  CHECK(errors == 2);
}

TEST_CASE("with auth off everybody is an administrator") {
  REQUIRE(Auth::off().identify(""));
  CHECK(Auth::off().identify("")->grant.role == access::Role::admin);
  Auth::off().refresh();
}
