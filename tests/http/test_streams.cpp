// Streams of events: what goes over the wire, how long a stream lives, and what it may cost.
#include <catch2/catch.hpp>

#include "http/streams.hpp"
#include "tests/http/test_client.hpp"

using namespace toll;
using namespace toll::tests;
using std::chrono::milliseconds;

namespace {

/// Reads until `text` has come; everything received so far.
const std::string& read_until(Client& client, const std::string& text) {
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (client.raw().find(text) == std::string::npos) {
    if (!client.read_some()) throw std::runtime_error("ended before " + text);
    if (std::chrono::steady_clock::now() > give_up) throw std::runtime_error("never: " + text);
  }
  return client.raw();
}

/// The text of the chunks that are complete; false when they are no chunks.
bool unchunk(const std::string& raw, std::string& text) {
  std::size_t at = raw.find("\r\n\r\n") + 4;
  while (at < raw.size()) {
    const std::size_t line = raw.find("\r\n", at);
    if (line == std::string::npos) return true;
    const std::size_t size = std::stoul(raw.substr(at, line - at), nullptr, 16);
    if (line + 2 + size + 2 > raw.size()) return true;
    if (raw.substr(line + 2 + size, 2) != "\r\n") return false;
    text += raw.substr(line + 2, size);
    at = line + 2 + size + 2;
  }
  return true;
}

std::string event(int seq, const std::string& type, const std::string& rest) {
  const std::string number = std::to_string(seq);
  return "id: " + number + "\nevent: " + type + "\ndata: {\"seq\":" + number +
         R"(,"at":"2026-01-01T00:00:00.000Z","type":")" + type + "\"" + rest + "}\n\n";
}

std::string activated(int seq) {
  return event(seq, "activated", R"(,"session_id":"s)" + std::to_string(seq) + "\"");
}

void append(TestServer& server, int count) {
  for (int i = 0; i < count; ++i) {
    const auto seq = server.engine->durable() + 1;
    server.engine->append(billing::Activated{"s" + std::to_string(seq), 2});
  }
}

/// A figure of /metrics.
std::string figure(TestServer& server, const std::string& name) {
  const std::string text = server.ask("GET /metrics").body;
  const std::size_t at = text.find("\n" + name + " ") + name.size() + 2;
  return text.substr(at, text.find('\n', at) - at);
}

void await_figure(TestServer& server, const std::string& name, const std::string& value) {
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (figure(server, name) != value) {
    if (std::chrono::steady_clock::now() > give_up) FAIL(name << " is " << figure(server, name));
  }
}

const std::string stream = "GET /v1/events/stream";

}  // namespace

TEST_CASE("a stream sends what there is, then what comes, each event once and in order") {
  TestServer server;
  append(server, 2);
  Client client(server.address());
  client.send(request(stream));
  std::string text;
  REQUIRE(unchunk(read_until(client, "\"s2\"}\n\n\r\n"), text));
  CHECK(text == activated(1) + activated(2));
  const std::string head = client.raw().substr(0, client.raw().find("\r\n\r\n") + 2);
  CHECK_THAT(head, Catch::StartsWith("HTTP/1.1 200 OK\r\n") &&
                       Catch::Contains("\r\nContent-Type: text/event-stream\r\n") &&
                       Catch::Contains("\r\nCache-Control: no-store\r\n") &&
                       Catch::Contains("\r\nTransfer-Encoding: chunked\r\n") &&
                       Catch::Contains("\r\nX-Request-Id: ") && !Catch::Contains("Content-Length"));
  for (int seq = 3; seq <= 50; ++seq) {
    append(server, 1);
    read_until(client, "\"s" + std::to_string(seq) + "\"}\n\n\r\n");
  }
  text.clear();
  std::string expected;
  for (int seq = 1; seq <= 50; ++seq) expected += activated(seq);
  REQUIRE(unchunk(client.raw(), text));
  CHECK(text == expected);
}

TEST_CASE("data of a stream is an item of the page, byte for byte") {
  TestServer server;
  server.engine->append(billing::ToppedUp{"s1", 2, {1, 2, 3}});
  const std::string page = server.ask("GET /v1/events").body;
  Client client(server.address());
  client.send(request(stream));
  const std::string item = page.substr(10, page.find("],\"next_after\"") - 10);
  CHECK_NOTHROW(read_until(client, "\nevent: topped_up\ndata: " + item + "\n\n"));
}

TEST_CASE("several pages are sent without gaps to several clients") {
  TestServer server;
  append(server, 1500);
  std::string expected;
  for (int seq = 1; seq <= 3000; ++seq) expected += activated(seq);
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 10; ++i) {
    clients.push_back(std::make_unique<Client>(server.address()));
    clients.back()->send(request(stream));
  }
  std::thread writer([&] { append(server, 1500); });
  for (auto& client : clients) {
    std::string text;
    CHECK(unchunk(read_until(*client, "\"s3000\"}\n\n\r\n"), text));
    CHECK(text == expected);
  }
  writer.join();
}

TEST_CASE("a client of HTTP/1.0 gets the events as they are, until the connection closes") {
  TestServer server;
  append(server, 1);
  Client client(server.address());
  client.send(stream + " HTTP/1.0\r\n\r\n");
  const std::string& raw = read_until(client, "\"s1\"}\n\n");
  CHECK_THAT(raw, Catch::Contains("\r\nConnection: close\r\n") && !Catch::Contains("chunked"));
  CHECK(raw.substr(raw.find("\r\n\r\n") + 4) == activated(1));
}

TEST_CASE("a stream begins after `after`, or after Last-Event-ID, which wins") {
  TestServer server;
  append(server, 5);
  for (const std::string& asked :
       {request(stream + "?after=3"), request(stream, "", "Last-Event-ID: 3\r\n"),
        request(stream + "?after=1", "", "last-event-id: 3\r\n")}) {
    Client client(server.address());
    client.send(asked);
    std::string text;
    REQUIRE(unchunk(read_until(client, "\"s5\"}\n\n\r\n"), text));
    CHECK(text == activated(4) + activated(5));
  }
}

TEST_CASE("a stream from beyond the end waits until it is reached, and holds up nobody") {
  TestServer server;
  append(server, 2);
  Client ahead(server.address());
  ahead.send(request(stream + "?after=4"));
  read_until(ahead, "\r\n\r\n");
  Client behind(server.address());
  behind.send(request(stream + "?after=2"));
  read_until(behind, "\r\n\r\n");
  append(server, 1);
  read_until(behind, "\"s3\"}");
  append(server, 2);
  std::string text;
  REQUIRE(unchunk(read_until(ahead, "\"s5\"}\n\n\r\n"), text));
  CHECK(text == activated(5));
}

TEST_CASE("what is wrong with the request of a stream is said before it begins") {
  TestServer server({}, http::Auth("no such file"));
  CHECK(server.ask(stream).status == 401);
  TestServer open;
  for (const std::string wrong : {"?after=-1", "?after=x", "?after=", "?after=1&after=2",
                                  "?limit=5", "?after=9223372036854775808", "?cursor=a"}) {
    CHECK(open.ask(stream + wrong).status == 400);
  }
  for (const std::string wrong : {"x", "-1", "1x", "", "9223372036854775808", "1.0"}) {
    CHECK(open.ask(stream, "", "Last-Event-ID: " + wrong + "\r\n").status == 400);
  }
  CHECK(open.ask(stream, R"({"a":1})").status == 400);
  CHECK(open.ask("POST /v1/events/stream").field("allow") == "get, head, options");
  open.engine->capacity = false;
  CHECK(open.ask(stream).status == 503);
  CHECK(figure(open, "toll_streams") == "0");
}

TEST_CASE("a silent stream says that it lives") {
  TestServer server({.stream_keep_alive = milliseconds(1)});
  Client client(server.address());
  client.send(request(stream));
  read_until(client, "\r\n\r\ne\r\n: keep-alive\n\n\r\ne\r\n: keep-alive\n\n\r\n");
  append(server, 1);
  CHECK_NOTHROW(read_until(client, activated(1)));
}

TEST_CASE("a client that does not read is dropped and counted, and others go on") {
  TestServer server({.stream_stall = milliseconds(1000)});
  append(server, 1);
  Client stuck(server.address());
  stuck.send(request(stream));
  Client reading(server.address());
  reading.send(request(stream));
  // Far more than the kernel keeps for a client that does not read.
  for (int i = 0; i < 400; ++i) server.engine->append(billing::ToppedUp{std::string(64'000, 'x')});
  append(server, 1);
  read_until(reading, "\"s402\"}");
  await_figure(server, "toll_streams_dropped_total", "1");
  CHECK(figure(server, "toll_streams") == "1");
  append(server, 1);
  CHECK_NOTHROW(read_until(reading, "\"s403\"}"));
}

TEST_CASE("a client that leaves makes room: streams are limited, and connections of their own") {
  TestServer server({.max_streams = 2});
  auto first = std::make_unique<Client>(server.address());
  Client second(server.address());
  first->send(request(stream));
  second.send(request(stream));
  read_until(*first, "\r\n\r\n");
  read_until(second, "\r\n\r\n");
  const auto refused = server.ask(stream);
  CHECK(refused.status == 503);
  CHECK(refused.field("retry-after") != "");
  CHECK(figure(server, "toll_streams") == "2");
  CHECK(figure(server, "toll_connections") == "3");
  first.reset();
  await_figure(server, "toll_streams", "1");
  Client third(server.address());
  third.send(request(stream));
  CHECK_THAT(read_until(third, "\r\n\r\n"), Catch::StartsWith("HTTP/1.1 200"));
}

TEST_CASE("what a client says after it asked for a stream is for nobody") {
  TestServer server;
  Client client(server.address());
  client.send(request(stream) + request("GET /livez"));
  read_until(client, "\r\n\r\n");
  client.send(std::string(100'000, 'x'));
  append(server, 1);
  std::string text;
  REQUIRE(unchunk(read_until(client, "\"s1\"}\n\n\r\n"), text));
  CHECK(text == activated(1));
}

TEST_CASE("stopping closes streams at once") {
  // Longer than the client waits for a byte.
  TestServer server({.drain_limit = std::chrono::seconds(20)});
  Client client(server.address());
  client.send(request("GET /livez") + request(stream));
  CHECK(client.receive().status == 200);
  read_until(client, "\r\n\r\n");
  server.stop();
  CHECK_NOTHROW(client.read_to_end());
  server.wait_until_stopped();
}

TEST_CASE("half of the streams are kept for staff, and each has an eighth at most") {
  FakeEngine engine;
  http::Outbox outbox([] {});
  http::Metrics metrics;
  http::Streams streams(engine, outbox, metrics, 16);
  http::Accounts accounts(true);
  const auto account = [&](const std::string& name, access::Role role) {
    const auto principal = std::make_shared<const access::Principal>(
        access::Principal{name, {role, role == access::Role::patient ? name : ""}});
    return accounts.of(principal);
  };
  // Only their addresses are looked at.
  std::array<char, 16> places{};
  std::size_t opened = 0;
  const auto open = [&](const http::AccountPtr& whose) {
    streams.opened(reinterpret_cast<http::EventStream*>(&places.at(opened++)), whose);
  };
  const auto refusal = [&](const std::string& name, access::Role role) {
    return streams.refuse(account(name, role));
  };
  for (const std::string patient : {"p1", "p2", "p3", "p4"}) {
    for (int i = 0; i < 2; ++i) {
      REQUIRE_FALSE(refusal(patient, access::Role::patient));
      open(account(patient, access::Role::patient));
    }
    CHECK(refusal(patient, access::Role::patient) == http::Limit::streams_of_principal);
  }
  CHECK(refusal("p5", access::Role::patient) == http::Limit::streams_of_persons);
  for (const std::string staff : {"a", "b", "c", "d"}) {
    for (int i = 0; i < 2; ++i) {
      REQUIRE_FALSE(refusal(staff, access::Role::read));
      open(account(staff, access::Role::read));
    }
  }
  CHECK(refusal("e", access::Role::read) == http::Limit::streams);
  CHECK(streams.refuse(nullptr) == http::Limit::streams);
  streams.closed(reinterpret_cast<http::EventStream*>(&places[0]));
  CHECK_FALSE(refusal("p5", access::Role::patient));
  CHECK_FALSE(refusal("p1", access::Role::patient));
}
