// In which order a request is refused: malformed HTTP, 401, 400, 403, 404, conflicts. Who is not
// known learns only that, and costs the server nothing.
#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <set>

#include "http/router.hpp"
#include "tests/e2e/access.hpp"

using namespace toll::test;

namespace {

/// A token that nobody made, one that was revoked, one that is over, and none.
std::vector<std::string> strangers(GuardedServer& toll) {
  return {"", "Bearer toll_000000000000_" + std::string(64, '0'), "Bearer " + toll.token("revoked"),
          "Bearer " + toll.token("jwt expired")};
}

Response ask(HttpClient& client, const std::string& stranger, const std::string& method,
             const std::string& target, const std::string& body = "",
             const std::string& type = "application/json") {
  client.set_header("Authorization", stranger.empty() ? "Basic none" : stranger);
  return client.request(method, target, body, type);
}

}  // namespace

TEST_CASE("who is not known gets 401, whatever else is wrong with the request") {
  GuardedServer toll;
  HttpClient client(toll.server().port());
  const std::uint64_t head = toll.admin().last_seq();
  for (const auto& route : toll::http::routes()) {
    if (route.door == toll::http::Door::open) continue;
    const std::string method(name(route.method));
    for (const std::string& stranger : strangers(toll)) {
      INFO(method << " " << route.path << " as '" << stranger << "'");
      const std::string good = target_of(route.path, "x");
      CHECK(ask(client, stranger, method, good).status == 401);
      CHECK(ask(client, stranger, method, target_of(route.path, "x", "?bogus=1")).status == 401);
      CHECK(ask(client, stranger, method, target_of(route.path, "a%20b")).status == 401);
      CHECK(ask(client, stranger, method, good, "{").status == 401);
      CHECK(ask(client, stranger, method, good, R"({"bogus":1})").status == 401);
      CHECK(ask(client, stranger, method, good, "{}", "text/plain").status == 401);
    }
  }
  for (const std::string& stranger : strangers(toll)) {
    INFO(stranger);
    CHECK(ask(client, stranger, "GET", "/v1/nothing").status == 401);
    CHECK(ask(client, stranger, "DELETE", "/v1/sessions").status == 401);
    CHECK(ask(client, stranger, "POST", "/livez").status == 401);
    CHECK(ask(client, stranger, "GET", "/livez").status == 200);
  }
  client.set_header("Idempotency-Key", std::string(300, 'k'));
  CHECK(ask(client, "", "POST", "/v1/sessions/x/end").status == 401);
  CHECK(toll.admin().last_seq() == head);
}

TEST_CASE("what is no HTTP is 400 before anybody is asked who he is") {
  GuardedServer toll;
  HttpClient client(toll.server().port());
  for (const std::string target :
       {"/v1/sessions/%zz", "/v1/sessions?limit=%zz", "/v1/../v1/sessions", "/v1/sessions/%2E"}) {
    INFO(target);
    CHECK(ask(client, "", "GET", target).status == 400);
  }
}

TEST_CASE(
    "the body is read before the role, the role before what there is, that before conflicts") {
  GuardedServer toll;
  Api& admin = toll.admin();
  admin.grant("s1", "p1", 5);
  admin.open("c1", "voice", "p1", "d1");
  const auto status = [&](const std::string& role, const std::string& method,
                          const std::string& target, const std::string& body) {
    return toll.as(role).client().request(method, target, body).status;
  };
  // Malformed, forbidden, not there: each request has one fault less than the one before.
  CHECK(status("patient:p9", "POST", "/v1/sessions/none/refunds", R"({"units":0})") == 400);
  CHECK(status("patient:p9", "POST", "/v1/sessions/none/refunds", R"({"units":1,"reason":"x"})") ==
        403);
  CHECK(status("service", "POST", "/v1/sessions/none/refunds", R"({"units":1,"reason":"x"})") ==
        404);
  CHECK(status("service", "POST", "/v1/sessions/c1/refunds", R"({"units":1,"reason":"x"})") == 409);
  CHECK(status("doctor:d9", "POST", "/v1/sessions/none/activate", R"({"at":1})") == 400);
  CHECK(status("doctor:d9", "POST", "/v1/sessions/none/activate", "") == 403);
  CHECK(status("service", "POST", "/v1/sessions/none/activate", "") == 404);
  CHECK(status("read", "PUT", "/v1/subscriptions/s1", "{}") == 400);
}
