// What the server does not put up with, and that the client can always read why.
#include <catch2/catch.hpp>

#include "tests/http/test_client.hpp"

using namespace toll;
using namespace toll::tests;

namespace {

std::string padded(std::size_t bytes) {
  return "{\"unread\":\"" + std::string(bytes - 13, 'x') + "\"}";
}

std::string chunked(const std::string& body) {
  char size[20];
  std::snprintf(size, sizeof size, "%zx\r\n", body.size());
  return size + body + "\r\n0\r\n\r\n";
}

const std::string chunked_end =
    "POST /v1/sessions/x/end HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    "Transfer-Encoding: chunked\r\n\r\n";

void check_problem(const Response& response, int status, const std::string& code) {
  CHECK(response.status == status);
  CHECK(response.field("content-type") == "application/problem+json");
  CHECK_THAT(response.body, Catch::Contains("\"code\":\"" + code + "\""));
}

}  // namespace

TEST_CASE("bodies up to the limit are read, longer ones refused") {
  TestServer server;
  const std::string end = "POST /v1/sessions/x/end";
  check_problem(server.ask(end, padded(64 * 1024)), 400, "invalid_request");
  check_problem(server.ask(end, padded(64 * 1024 + 1)), 413, "payload_too_large");
  const std::string put = GENERATE(as<std::string>(), "PUT ", "PATCH ") + "/v1/subscriptions/s";
  check_problem(server.ask(put, padded(64 * 1024 + 1)), 400, "invalid_request");
  check_problem(server.ask(put, padded(256 * 1024)), 400, "invalid_request");
  check_problem(server.ask(put, padded(256 * 1024 + 1)), 413, "payload_too_large");
  CHECK(server.engine->commands == 0);
}

TEST_CASE("the limit holds for chunked bodies too") {
  TestServer server;
  Client client(server.address());
  check_problem(client.exchange(chunked_end + chunked(padded(64 * 1024))), 400, "invalid_request");
  CHECK(client.exchange(chunked_end + chunked("{}")).status == 503);
  CHECK(server.engine->commands == 1);
  check_problem(client.exchange(chunked_end + chunked(padded(64 * 1024 + 1))), 413,
                "payload_too_large");
}

TEST_CASE("a client that goes on sending can read why it is refused") {
  TestServer server;
  Client client(server.address());
  client.send(
      "POST /v1/sessions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
      "Content-Length: 8000000\r\n\r\n");
  CHECK(client.send(std::string(8'000'000, 'x')));
  check_problem(client.receive(), 413, "payload_too_large");
  CHECK(client.at_end());
}

TEST_CASE("100-continue is granted, or refused before the body is sent") {
  TestServer server;
  Client client(server.address());
  const std::string head =
      "POST /v1/sessions/x/end HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
      "Expect: 100-continue\r\nContent-Length: ";
  CHECK(client.exchange(head + "2\r\n\r\n").status == 100);
  CHECK(client.exchange("{}").status == 503);
  check_problem(client.exchange(head + "70000\r\n\r\n"), 413, "payload_too_large");
  Client other(server.address());
  check_problem(other.exchange(request("GET /livez", "", "Expect: miracles\r\n")), 417,
                "expectation_failed");
}

TEST_CASE("too long and too many header fields") {
  TestServer server;
  std::string many;
  for (int i = 0; i < 101; ++i) many += "X-" + std::to_string(i) + ": 1\r\n";
  const auto headers =
      GENERATE_COPY(as<std::string>(), many, "X-Long: " + std::string(20'000, 'x') + "\r\n",
                    "X-Long: " + std::string(200'000, 'x') + "\r\n");
  check_problem(server.ask("GET /livez", "", headers), 431, "headers_too_large");
  check_problem(server.ask("GET /" + std::string(20'000, 'x')), 431, "headers_too_large");
}

TEST_CASE("what is not HTTP is refused at once") {
  const auto bytes = GENERATE(
      as<std::string>(), "hello\r\n", "hello\r\n\r\n", "\x16\x03\x01\x02", "GET / HTTP/2.0\r\n\r\n",
      "GET /\r\n\r\n", "GET  / HTTP/1.1\r\nHost: localhost\r\n\r\n",
      "G\xc3\xa4T / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nHost: localhost\r\nbad field\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: localhost\r\n: x\r\n\r\n", "GET /livez HTTP/1.1\r\n\r\n",
      "GET /livez HTTP/1.1\r\nHost: localhost\r\nHost: [::1]\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999999999999\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nTransfer-Encoding: "
      "chunked\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1, 1\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: localhost\r\nX: a\r\n b\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: localhost\r\nX: a\r\n\tb",
      "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding:\r\n chunked\r\n\r\n",
      "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: gzip\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
      "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: "
      "chunked\r\n\r\n2\r\nabc\r\n0\r\n\r\n",
      "GET /v1/sessions/\xc3\xa4 HTTP/1.1\r\nHost: localhost\r\n\r\n",
      "GET h t t p HTTP/1.1\r\nHost: localhost\r\n\r\n",
      "CONNECT a:1 HTTP/1.1\r\nHost: localhost\r\n\r\n",
      "OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n");
  INFO(bytes);
  TestServer server;
  Client client(server.address());
  check_problem(client.exchange(bytes), 400, "invalid_request");
}

TEST_CASE("what comes after a chunked body is no part of the head") {
  TestServer server;
  const std::string body = "2\r\n{}\r\n0\r\n";
  for (const std::string field :
       {"Idempotency-Key: k", "Authorization: Bearer x", "X-Request-Id: r", "X: y"}) {
    INFO(field);
    Client client(server.address());
    check_problem(client.exchange(chunked_end + body + field + "\r\n\r\n"), 400, "invalid_request");
    CHECK(client.at_end());
  }
  CHECK(server.engine->commands == 0);
  Client client(server.address());
  CHECK(client.exchange(chunked_end + body + "\r\n").status == 503);
}

TEST_CASE("lines of a body may begin with a blank") {
  TestServer server;
  Client client(server.address());
  const std::string body = "{\r\n  \"reason\":\r\n\t\"x\"\r\n}";
  for (int i = 0; i < 2; ++i) client.send(request("POST /v1/sessions/x/end", body));
  for (int i = 0; i < 2; ++i) CHECK(client.receive().status == 503);
}

TEST_CASE("a slow request is refused, a slow client between requests is not") {
  TestServer server({.request_timeout = std::chrono::milliseconds(50)});
  Client client(server.address());
  CHECK(client.exchange(request("GET /livez")).status == 200);
  Client stalled(server.address());
  // The deadlines have been looked at when this is answered.
  check_problem(stalled.exchange("GET"), 408, "request_timeout");
  const auto beginning =
      GENERATE(as<std::string>(), "GET /livez HTTP/1.1\r\n",
               "POST /v1/sessions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{");
  check_problem(client.exchange(beginning), 408, "request_timeout");
  CHECK(client.at_end());
}

TEST_CASE("what comes after a rejection that overtook a read finds memory to come to") {
  // With a sanitizer: the head in two pieces makes the buffer larger than one read needs.
  TestServer server({.request_timeout = std::chrono::milliseconds(500)});
  Client client(server.address());
  client.send("POST /v1/sessions HTTP/1.1\r\nHos");
  CHECK(server.ask("GET /livez").status == 200);  // the piece has been read
  client.send("t: localhost\r\nContent-Length: 9\r\n\r\n{");
  check_problem(client.receive(), 408, "request_timeout");
  client.send(std::string(8 * 1024, 'x'));
  CHECK(client.at_end());
}

TEST_CASE("a body that is too long is told the limit of its route, however long it is") {
  TestServer server;
  for (const std::string length : {"65537", "262145", "8000000"}) {
    Client client(server.address());
    const Response response = client.exchange(
        "POST /v1/sessions HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + length + "\r\n\r\n");
    check_problem(response, 413, "payload_too_large");
    CHECK(response.body.find("65536") != std::string::npos);
  }
}

TEST_CASE("an idle connection is closed in the end") {
  TestServer server({.idle_timeout = std::chrono::milliseconds(50)});
  Client client(server.address());
  CHECK(client.exchange(request("GET /livez")).status == 200);
  CHECK(client.at_end());
}

TEST_CASE("the first request must come soon, bytes or not") {
  TestServer server({.request_timeout = std::chrono::milliseconds(50)});
  Client silent(server.address());
  CHECK(silent.at_end());
  Client slow(server.address());
  check_problem(slow.exchange("GET /livez HT"), 408, "request_timeout");
}

TEST_CASE("a request that the engine works on has no deadline here") {
  TestServer server({.request_timeout = std::chrono::milliseconds(50),
                     .idle_timeout = std::chrono::milliseconds(50)});
  server.engine->hold();
  Client client(server.address());
  client.send(request("GET /v1/sessions/x"));
  server.engine->wait_for_commands(1);
  Client idle(server.address());
  CHECK(idle.at_end());  // so the deadlines were looked at
  server.engine->release();
  CHECK(client.receive().status == 503);
}

TEST_CASE("connections that never asked for anything make room for new ones") {
  TestServer server({.max_connections = 2});
  std::vector<std::unique_ptr<Client>> silent;
  for (int i = 0; i < 20; ++i) {
    silent.push_back(std::make_unique<Client>(server.address()));
    CHECK(server.ask("GET /livez").status == 200);
  }
  // All but the last ones have been closed.
  for (int i = 0; i < 18; ++i) CHECK_NOTHROW(silent[i]->read_to_end());
}

TEST_CASE("an answer that nobody takes makes room as well") {
  TestServer server({.max_connections = 1});
  Client stuck(server.address());
  for (int i = 0; i < 200; ++i) stuck.send(request("GET /openapi.json"));
  CHECK(server.ask("GET /livez").status == 200);
}

TEST_CASE("where all connections are taken a few more are heard, and then closed") {
  TestServer server({.max_connections = 2});
  Client a(server.address()), b(server.address());
  const std::string ask = request("GET /v1/sessions/x");
  for (Client* one : {&a, &b}) CHECK(one->exchange(ask).status == 503);
  for (const std::string line : {"GET /livez", "GET /readyz?strict", "GET /v1/sessions?limit=1"}) {
    Client c(server.address());
    const auto response = c.exchange(request(line));
    CHECK(response.status == 200);
    CHECK(response.field("connection") == "close");
    CHECK(c.at_end());
  }
  // A known client with a body that comes later is heard to its end.
  Client d(server.address());
  d.send(
      "POST /v1/sessions/x/end HTTP/1.1\r\nHost: t\r\nContent-Type: application/json\r\n"
      "Content-Length: 2\r\n\r\n");
  REQUIRE(a.exchange(request("GET /livez")).status == 200);
  CHECK(d.exchange("{}").field("connection") == "close");
  for (Client* one : {&a, &b}) CHECK(one->exchange(ask).status == 503);
}
