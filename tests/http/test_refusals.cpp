// Refusals by the door, by authentication and by the engine, and their order.
#include <catch2/catch.hpp>
#include <fstream>

#include "access/token_store.hpp"
#include "tests/http/test_client.hpp"
#include "tests/support/temporary_directory.hpp"

using namespace toll;
using namespace toll::tests;

namespace {

/// A token file of its own with one token.
struct Clinic {
  test::TemporaryDirectory dir;
  std::string file = dir.inside("tokens");
  std::string token = access::TokenStore(file).create("clinic", {access::Role::service, ""});
};

}  // namespace

TEST_CASE("without a valid token: 401, before 400 and 404") {
  const Clinic clinic;
  const std::string good_token = "Authorization: Bearer " + clinic.token + "\r\n";
  TestServer server({}, http::Auth(clinic.file));
  const auto refused = server.ask("GET /v1/sessions/x");
  CHECK(refused.status == 401);
  CHECK(refused.field("www-authenticate") == "bearer");
  CHECK_THAT(refused.body, Catch::Contains(R"("code":"unauthenticated")"));
  CHECK(server.ask("GET /v1/sessions/x", "", "Authorization: Bearer wrong\r\n").status == 401);
  CHECK(server.ask("GET /v1/unknown").status == 401);
  CHECK(server.ask("GET /v1/unknown", "", good_token).status == 404);
  CHECK(server.ask("GET /v1/sessions/a%20b").status == 401);
  CHECK(server.ask("GET /v1/sessions/a%20b", "", good_token).status == 400);
  CHECK(server.ask("GET /v1/sessions/%zz").status == 400);
  CHECK(server.ask("GET /metrics").status == 401);
  CHECK(server.ask("GET /v1/test/clock").status == 401);
  CHECK(server.ask("GET /livez").status == 200);
  CHECK(server.ask("GET /readyz").status == 200);
  CHECK(server.engine->commands == 0);
  server.ask("GET /v1/sessions/x", "", good_token);
  CHECK(server.engine->commands == 1);
}

TEST_CASE("a token of a file that cannot be read is not nobody's") {
  const Clinic clinic;
  http::Auth auth(clinic.file);
  std::ofstream(clinic.file) << "broken";
  auth.refresh(http::Auth::Clock::now() - std::chrono::minutes(2));
  auth.refresh();
  TestServer server({}, std::move(auth));
  const std::string token = "Authorization: Bearer " + clinic.token + "\r\n";
  for (const char* route : {"GET /v1/sessions/x", "GET /v1/unknown", "GET /metrics"}) {
    const auto refused = server.ask(route, "", token);
    CHECK(refused.status == 503);
    CHECK(refused.field("retry-after") == "1");
    CHECK_THAT(refused.body, Catch::Contains(R"("code":"tokens_unreadable")"));
    CHECK(server.ask(route).status == 401);
    CHECK(server.ask(route, "", "Authorization: Bearer a.b.c\r\n").status == 401);
  }
  CHECK(server.ask("GET /v1/sessions/a%20b", "", token).status == 503);
  CHECK(server.ask("GET /livez", "", token).status == 200);
  CHECK(server.engine->commands == 0);
  CHECK(server.engine->callers_refused);
}

TEST_CASE("an unknown token of a file that has just become unreadable does not begin an outage") {
  const Clinic clinic;
  http::Auth auth(clinic.file);
  std::ofstream(clinic.file) << "broken";
  auth.refresh();
  TestServer server({}, std::move(auth));
  const std::string unknown = "Authorization: Bearer toll_0123456789ab_unknown\r\n";
  CHECK(server.ask("GET /v1/sessions/x", "", unknown).status == 503);
  CHECK_FALSE(server.engine->callers_refused);
}

TEST_CASE("an overloaded engine is not asked") {
  TestServer server;
  server.engine->capacity = false;
  const auto path = GENERATE(as<std::string>(), "/v1/sessions/x", "/v1/sessions");
  const auto response = server.ask("GET " + path);
  CHECK(response.status == 503);
  CHECK(response.field("retry-after") == "1");
  CHECK_THAT(response.body, Catch::Contains(R"("code":"overloaded")"));
  CHECK(server.engine->commands == 0);
  CHECK(server.engine->queries == 0);
  CHECK(server.ask("GET /livez").status == 200);
}

TEST_CASE("a degraded server stays in service, says why, and is not ready for who asks strictly") {
  TestServer server;
  CHECK(server.ask("GET /readyz").body == R"({"status":"ready"})");
  CHECK(server.ask("GET /readyz?strict").body == R"({"status":"ready"})");
  CHECK_THAT(server.ask("GET /metrics").body,
             Catch::Contains(R"(toll_degraded{reason="disk_full"} 0)"));
  server.engine->room = false;
  for (const auto* target : {"/readyz", "/readyz?strict=false"}) {
    const auto lenient = server.ask(std::string("GET ") + target);
    CHECK(lenient.status == 200);
    CHECK(lenient.body == R"({"status":"degraded","reason":"disk_full"})");
  }
  for (const auto* target : {"/readyz?strict", "/readyz?strict=true"}) {
    const auto strict = server.ask(std::string("GET ") + target);
    CHECK(strict.status == 503);
    CHECK_THAT(strict.body, Catch::Contains(R"("code":"disk_full")"));
  }
  CHECK(server.ask("GET /readyz?strict=perhaps").status == 400);
  CHECK(server.ask("GET /readyz?lenient").status == 400);
  CHECK_THAT(server.ask("GET /metrics").body,
             Catch::Contains(R"(toll_degraded{reason="disk_full"} 1)") &&
                 Catch::Contains(R"(toll_degraded{reason="journal_stalled"} 1)"));
}

TEST_CASE("on a full disk changes are refused, and reads and ends go on") {
  TestServer server;
  server.engine->room = false;
  for (const auto* target : {"/v1/sessions/x/activate", "/v1/sessions/x/deduct"}) {
    const auto response = server.ask("POST " + std::string(target));
    CHECK(response.status == 503);
    CHECK_THAT(response.body, Catch::Contains(R"("code":"disk_full")"));
  }
  CHECK(server.engine->commands == 0);
  CHECK(server.ask("GET /v1/sessions").status == 200);
  server.ask("POST /v1/sessions/x/end");
  CHECK(server.engine->commands == 1);
  server.engine->kept_room = false;
  const auto response = server.ask("POST /v1/sessions/x/end");
  CHECK(response.status == 503);
  CHECK_THAT(response.body, Catch::Contains(R"("code":"disk_full")"));
  CHECK(server.engine->commands == 1);
}

TEST_CASE("ends have no other capacity than the rest while there is room") {
  TestServer server;
  server.engine->capacity = false;
  CHECK_THAT(server.ask("POST /v1/sessions/x/end").body, Catch::Contains(R"("code":"overloaded")"));
  CHECK(server.engine->commands == 0);
}

TEST_CASE("what the engine refuses is answered as a problem") {
  TestServer server;
  server.engine->answers = [](const actors::Command&) { return billing::Refusal::no_units; };
  const auto response =
      server.ask("POST /v1/sessions", R"({"channel":"text","patient_id":"p","doctor_id":"d"})");
  CHECK(response.status == 402);
  CHECK(response.field("content-type") == "application/problem+json");
  CHECK_THAT(response.body, Catch::Contains(R"("code":"no_units")"));
  server.engine->answers = [](const actors::Command&) { return actors::Unavailable{}; };
  const auto unavailable = server.ask("GET /v1/sessions/x");
  CHECK(unavailable.status == 503);
  CHECK(unavailable.field("retry-after") == "1");
}

TEST_CASE("request ids are echoed, or made") {
  TestServer server;
  CHECK(server.ask("GET /livez", "", "X-Request-Id: abc-1\r\n").field("x-request-id") == "abc-1");
  const auto made = server.ask("GET /livez").field("x-request-id");
  CHECK_FALSE(made.empty());
  CHECK(server.ask("GET /livez").field("x-request-id") != made);
  const auto unusable = GENERATE(as<std::string>(), "a b", "\xc3\xa4", std::string(129, 'x'));
  const auto id = server.ask("GET /livez", "", "X-Request-Id: " + unusable + "\r\n");
  CHECK(id.status == 200);
  CHECK(id.field("x-request-id") != unusable);
}
