// What a browser could be made to do: names and pages of others on a server without tokens, paths
// that are read in two ways, and answers that are kept or taken for something else.
#include <catch2/catch.hpp>

#include "tests/e2e/access.hpp"
#include "tests/support/raw_socket.hpp"

using namespace toll::test;

namespace {

int status_with(std::uint16_t port, const std::string& headers, const std::string& version = "1.1",
                const std::string& target = "/v1/sessions") {
  const auto answer = HttpClient(port).raw("GET " + target + " HTTP/" + version + "\r\n" + headers +
                                           "Connection: close\r\n\r\n");
  REQUIRE(answer.has_value());
  return answer->status;
}

}  // namespace

TEST_CASE("without tokens the server answers to the names of this machine only") {
  TestServer toll;
  const std::uint16_t port = toll.server().port();
  const std::string own = std::to_string(port);
  for (const std::string& host :
       {"localhost:" + own, "127.0.0.1:" + own, "[::1]:" + own, std::string("localhost"),
        std::string("LocalHost"), std::string("127.8.9.10"), std::string("[::1]"),
        std::string("toll.localhost")}) {
    INFO(host);
    CHECK(status_with(port, "Host: " + host + "\r\n") == 200);
  }
  for (const std::string& host :
       {"evil.example:" + own, std::string("evil.example"), std::string("localhost.evil.example"),
        std::string("127.0.0.1.evil.example"), std::string("evillocalhost"),
        std::string("10.0.0.1"), std::string("0.0.0.0:" + own), std::string("[fe80::1]"),
        std::string("2130706433"), std::string("")}) {
    INFO(host);
    CHECK(status_with(port, "Host: " + host + "\r\n") == 421);
  }
  // Whatever the route, and also where the request itself says whom it is for.
  for (const std::string path : {"/livez", "/openapi.json", "/docs", "/v1/nothing"}) {
    CHECK(status_with(port, "Host: evil.example\r\n", "1.1", path) == 421);
  }
  CHECK(status_with(port, "Host: localhost\r\n", "1.1", "http://evil.example/v1/sessions") == 421);
  CHECK(status_with(port, "Host: localhost\r\n", "1.1", "http://localhost/v1/sessions") == 200);
  CHECK(status_with(port, "", "1.0") == 200);
}

TEST_CASE("without tokens the server does nothing for a page of somebody else") {
  TestServer toll;
  toll.api().grant("s1", "p1", 5);
  const std::uint64_t head = toll.api().last_seq();
  const std::uint16_t port = toll.server().port();
  const std::string own = std::to_string(port);
  const auto top_up = [&](const std::string& host, const std::string& origins) {
    const std::string body = R"({"units":{"text":1}})";
    const auto answer = HttpClient(port).raw(
        "POST /v1/subscriptions/s1/topups HTTP/1.1\r\nHost: " + host + "\r\n" + origins +
        "Connection: close\r\nContent-Type: application/json\r\nContent-Length: " +
        std::to_string(body.size()) + "\r\n\r\n" + body);
    REQUIRE(answer.has_value());
    return answer->status;
  };
  const std::string host = "127.0.0.1:" + own;
  for (const std::string& origin :
       {std::string("https://evil.example"), std::string("null"), std::string(""),
        "http://evil.example:" + own, std::string("http://127.0.0.1"),
        std::string("http://localhost:1"), "file://127.0.0.1:" + own}) {
    INFO(origin);
    CHECK(top_up(host, "Origin: " + origin + "\r\n") == 403);
  }
  const std::string good = "Origin: http://127.0.0.1:" + own + "\r\n";
  CHECK(top_up(host, good + "Origin: https://evil.example\r\n") == 403);
  CHECK(toll.api().last_seq() == head);
  CHECK(top_up(host, good) == 201);
  CHECK(top_up("localhost:" + own, "Origin: http://localhost:" + own + "\r\n") == 201);
  CHECK(status_with(port, "Host: localhost\r\nOrigin: https://evil.example\r\n", "1.1",
                    "/openapi.json") == 403);
}

TEST_CASE("with tokens hosts and origins are the business of whoever stands in front") {
  GuardedServer toll;
  const std::string token = "Authorization: Bearer " + toll.token("read") + "\r\n";
  const std::uint16_t port = toll.server().port();
  CHECK(status_with(port, "Host: api.clinic.example\r\n" + token) == 200);
  CHECK(status_with(port, "Host: x\r\nOrigin: https://app.clinic.example\r\n" + token) == 200);
}

TEST_CASE("a path with . or .. in it is no path, however they are written") {
  TestServer toll;
  toll.api().grant("s1", "p1", 5);
  HttpClient client(toll.server().port());
  for (const std::string dots : {".", "..", "%2e", "%2E", "%2e%2e", ".%2e", "%2E.", "%2e%2E"}) {
    INFO(dots);
    CHECK(client.get("/v1/sessions/" + dots).status == 400);
    CHECK(client.get("/v1/doctors/" + dots + "/wallet").status == 400);
    CHECK(client.get("/v1/subscriptions/" + dots + "/s1").status == 400);
    CHECK(client.get("/" + dots + "/v1/subscriptions/s1").status == 400);
    CHECK(client.get("/v1/a/b/c/d/e/f/" + dots).status == 400);
    CHECK(client.get("http://localhost/v1/sessions/" + dots).status == 400);
  }
  for (const std::string dots : {".", ".."}) {
    INFO(dots);
    CHECK(client.get("/v1/sessions?patient_id=" + dots).status == 400);
    const std::string quoted = "\"" + dots + "\"";
    CHECK(client
              .post("/v1/sessions",
                    R"({"channel":"text","doctor_id":"d","patient_id":)" + quoted + "}")
              .status == 400);
    CHECK(client
              .post("/v1/sessions",
                    R"({"channel":"text","doctor_id":"d","patient_id":"p1","id":)" + quoted + "}")
              .status == 400);
    CHECK(client.post("/v1/deductions", R"({"items":[{"session_id":)" + quoted + "}]}").status ==
          400);
  }
  CHECK(client.put("/v1/doctors/...", "{}").status == 201);
}

TEST_CASE("no answer of the API may be kept by others, or taken for another type") {
  GuardedServer toll;
  HttpClient client(toll.server().port());
  const auto check = [](const Response& answer) {
    INFO(answer.status << " " << answer.body.substr(0, 100));
    REQUIRE(answer.headers.contains("cache-control"));
    CHECK(answer.headers.at("cache-control") == "no-store");
    REQUIRE(answer.headers.contains("x-content-type-options"));
    CHECK(answer.headers.at("x-content-type-options") == "nosniff");
  };
  for (const std::string target : {"/livez", "/readyz", "/openapi.json", "/metrics", "/v1/events",
                                   "/v1/sessions", "/v1/nothing", "/v1/sessions/%zz"}) {
    INFO(target);
    check(client.get(target));
    check(toll.admin().client().get(target));
  }
  check(client.request("OPTIONS", "/v1/sessions"));
  check(client.request("BILL", "/v1/sessions"));
  check(toll.admin().client().post("/v1/test/clock", R"({"advance_ms":0})"));
  const auto broken = client.raw("nonsense\r\n\r\n");
  REQUIRE(broken.has_value());
  check(*broken);
  // The page for people may be asked for again, but not without asking.
  const Response page = client.get("/docs");
  CHECK(page.headers.at("cache-control") == "no-cache");
  CHECK(page.headers.at("x-content-type-options") == "nosniff");

  toll.admin().grant("s1", "p1", 1);
  RawSocket stream(toll.server().port());
  stream.send("GET /v1/events/stream HTTP/1.1\r\nHost: t\r\nAuthorization: Bearer " +
              toll.token("admin") + "\r\n\r\n");
  while (stream.received().find("\r\n\r\n") == std::string::npos) continue;
  const std::string head = lower_case(stream.received());
  CHECK(head.find("\r\ncache-control: no-store\r\n") != head.npos);
  CHECK(head.find("\r\nx-content-type-options: nosniff\r\n") != head.npos);
}
