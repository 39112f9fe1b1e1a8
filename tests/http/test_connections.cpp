// Connections that live long: keep-alive, pipelining, half-closing, clients that leave.
#include <catch2/catch.hpp>

#include "tests/http/test_client.hpp"
#include "tests/support/commands.hpp"

using namespace toll;
using namespace toll::tests;

namespace {

/// Answers GetSession with a session of the id that was asked for.
void echo_sessions(FakeEngine& engine) {
  engine.answers = [](const actors::Command& command) {
    actors::SessionAnswer answer;
    answer.session = some_session(command_if<actors::GetSession>(command)->session);
    return answer;
  };
}

bool is_session(const Response& response, const std::string& id) {
  return response.status == 200 && response.body.starts_with("{\"id\":\"" + id + "\"");
}

}  // namespace

TEST_CASE("a connection serves many requests") {
  TestServer server;
  echo_sessions(*server.engine);
  Client client(server.address());
  for (int i = 0; i < 1000; ++i) {
    const std::string id = "s" + std::to_string(i);
    REQUIRE(is_session(client.exchange(request("GET /v1/sessions/" + id)), id));
  }
}

TEST_CASE("pipelined requests are answered in order, errors included") {
  TestServer server;
  echo_sessions(*server.engine);
  Client client(server.address());
  client.send(request("GET /v1/sessions/a") + request("GET /livez") +
              request("GET /v1/sessions/b?x=1") + request("POST /livez", "{}") +
              request("GET /v1/sessions/c") + "\r\n" + request("GET /v1/unknown"));
  CHECK(is_session(client.receive(), "a"));
  CHECK(client.receive().body == R"({"status":"ok"})");
  CHECK(client.receive().status == 400);
  CHECK(client.receive().status == 405);
  CHECK(is_session(client.receive(), "c"));
  CHECK(client.receive().status == 404);
}

TEST_CASE("a long pipeline does not pile up in the engine") {
  TestServer server;
  echo_sessions(*server.engine);
  Client client(server.address());
  std::string many;
  for (int i = 0; i < 2000; ++i) many += request("GET /v1/sessions/s" + std::to_string(i));
  std::thread sender([&] { client.send(many); });
  for (int i = 0; i < 2000; ++i) REQUIRE(is_session(client.receive(), "s" + std::to_string(i)));
  sender.join();
}

TEST_CASE("a request may come byte by byte") {
  TestServer server;
  Client client(server.address());
  for (const char c : request("POST /v1/sessions/x/end", "{}")) client.send({&c, 1});
  CHECK(client.receive().status == 503);
  CHECK(server.engine->commands == 1);
}

TEST_CASE("a head may come in pieces, cut anywhere") {
  TestServer server;
  const std::string text = request("GET /livez", "", "X-Long-Field: value\r\n");
  for (std::size_t cut = 1; cut < text.size(); ++cut) {
    Client client(server.address());
    client.send(text.substr(0, cut));
    // The server serves what came first first: it has looked at the piece when this is answered.
    REQUIRE(server.ask("GET /livez").status == 200);
    client.send(text.substr(cut));
    REQUIRE(client.receive().status == 200);
  }
}

TEST_CASE("blank lines between two requests may come in pieces as well") {
  TestServer server;
  Client client(server.address());
  CHECK(client.exchange(request("GET /livez")).status == 200);
  client.send("\r");
  REQUIRE(server.ask("GET /livez").status == 200);
  CHECK(client.exchange("\n" + request("GET /livez")).status == 200);
  CHECK(client.exchange("\r\n\r\n" + request("GET /livez")).status == 200);
}

TEST_CASE("answers that come all at once all go out") {
  TestServer server;
  echo_sessions(*server.engine);
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 50; ++i) clients.push_back(std::make_unique<Client>(server.address()));
  for (int round = 1; round <= 20; ++round) {
    server.engine->hold();
    for (auto& client : clients) client->send(request("GET /v1/sessions/x"));
    server.engine->wait_for_commands(50 * round);
    server.engine->release();
    for (auto& client : clients) REQUIRE(is_session(client->receive(), "x"));
  }
}

TEST_CASE("a client that has said all still gets its answer") {
  TestServer server;
  echo_sessions(*server.engine);
  Client client(server.address());
  client.send(request("GET /v1/sessions/a") + request("GET /v1/sessions/b"));
  client.end_sending();
  CHECK(is_session(client.receive(), "a"));
  CHECK(is_session(client.receive(), "b"));
  CHECK(client.at_end());
}

TEST_CASE("a client that stops in the middle of a request is told so") {
  TestServer server;
  Client client(server.address());
  client.send("GET /livez HTTP/1.1\r\nHost:");
  client.end_sending();
  CHECK(client.receive().status == 400);
  CHECK(client.at_end());
}

TEST_CASE("Connection: close and HTTP/1.0 close, unless asked to stay") {
  TestServer server;
  Client closing(server.address());
  const auto last = closing.exchange(request("GET /livez", "", "Connection: close\r\n"));
  CHECK(last.field("connection") == "close");
  CHECK(closing.at_end());
  Client old(server.address());
  CHECK(old.exchange("GET /livez HTTP/1.0\r\n\r\n").status == 200);
  CHECK(old.at_end());
  Client staying(server.address());
  const std::string keep = "GET /livez HTTP/1.0\r\nConnection: keep-alive\r\n\r\n";
  CHECK(staying.exchange(keep).field("connection") == "keep-alive");
  CHECK(staying.exchange(keep).status == 200);
}

TEST_CASE("clients that leave while the engine works do no harm") {
  TestServer server;
  echo_sessions(*server.engine);
  server.engine->hold();
  for (int i = 0; i < 50; ++i) {
    Client client(server.address());
    client.send(request("GET /v1/sessions/gone"));
    server.engine->wait_for_commands(i + 1);
  }
  server.engine->release();
  CHECK(is_session(server.ask("GET /v1/sessions/here"), "here"));
}

TEST_CASE("HEAD is answered without a body") {
  TestServer server;
  Client client(server.address());
  client.send(request("HEAD /livez") + request("GET /livez"));
  CHECK_NOTHROW(client.read_some());
  CHECK(client.raw().starts_with("HTTP/1.1 200 "));
  const std::size_t end = client.raw().find("\r\n\r\n");
  while (client.raw().size() < end + 12) REQUIRE(client.read_some());
  CHECK(client.raw().substr(end + 4, 12) == "HTTP/1.1 200");
}

TEST_CASE("1100 connections are served at once") {
  // Their handshakes may take longer than a first request has by default.
  TestServer server({.request_timeout = std::chrono::seconds(60)});
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 1100; ++i) clients.push_back(std::make_unique<Client>(server.address()));
  for (int round = 0; round < 2; ++round) {
    for (auto& client : clients) client->send(request("GET /livez"));
    for (auto& client : clients) REQUIRE(client->receive().status == 200);
  }
}
