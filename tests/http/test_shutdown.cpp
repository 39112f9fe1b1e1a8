#include <catch2/catch.hpp>

#include "tests/http/test_client.hpp"

using namespace toll;
using namespace toll::tests;

TEST_CASE("an address that cannot be listened on is a system error") {
  TestServer server;
  const std::string taken = server.address();
  CHECK_THROWS_AS(http::ListeningSocket("127.0.0.1", taken.substr(taken.rfind(':') + 1)),
                  std::system_error);
  CHECK_THROWS_AS(http::is_loopback("nowhere.invalid", "0"), std::system_error);
}

TEST_CASE("stopping closes idle connections and takes no new ones") {
  TestServer server;
  Client client(server.address());
  CHECK(client.exchange(request("GET /livez")).status == 200);
  server.stop();
  CHECK(client.at_end());
  server.wait_until_stopped();
  CHECK_THROWS(Client(server.address()));
}

TEST_CASE("stopping finishes what is in flight") {
  TestServer server;
  server.engine->answers = [](const actors::Command&) {
    return actors::Answer(actors::SessionAnswer{.session = some_session("x")});
  };
  server.engine->hold();
  Client client(server.address());
  Client idle(server.address());
  // Answered once, it is known to be accepted, and its handshake to be over.
  CHECK(idle.exchange(request("GET /livez")).status == 200);
  client.send(request("POST /v1/sessions/x/end"));
  server.engine->wait_for_commands(1);
  server.stop();
  CHECK(idle.at_end());  // the stop has begun
  server.engine->release();
  const auto response = client.receive();
  CHECK(response.status == 200);
  CHECK(response.field("connection") == "close");
  CHECK(client.at_end());
}

TEST_CASE("a request that is still arriving when the server stops is served, and readyz says no") {
  TestServer server;
  Client client(server.address());
  Client idle(server.address());
  const std::string text = request("GET /readyz");
  // Once the first half is answered for, the second is known to be in the middle of a request.
  client.send(request("GET /livez") + text.substr(0, 5));
  CHECK(client.receive().status == 200);
  CHECK(idle.exchange(request("GET /livez")).status == 200);
  server.stop();
  CHECK(idle.at_end());
  client.send(text.substr(5));
  const auto response = client.receive();
  CHECK(response.status == 503);
  CHECK_THAT(response.body, Catch::Contains("shutting_down"));
}

TEST_CASE("a request that does not arrive before the server leaves is told so") {
  TestServer server;
  Client client(server.address());
  // Once the first is answered for, the second is known to be in the middle of a request.
  client.send(request("GET /livez") + request("GET /livez").substr(0, 5));
  CHECK(client.receive().status == 200);
  server.stop();
  const auto response = client.receive();
  CHECK(response.status == 503);
  CHECK(response.field("retry-after") != "");
  CHECK(client.at_end());
}

TEST_CASE("answers that come after the server has stopped are dropped") {
  TestServer server({.drain_limit = std::chrono::milliseconds(50)});
  server.engine->hold();
  {
    Client client(server.address());
    client.send(request("GET /v1/sessions/x"));
    server.engine->wait_for_commands(1);
  }
  server.stop();
  server.wait_until_stopped();
  server.engine->release();
}
