// One client against the others: what each may have of the server, and that the rest stays free.
#include <catch2/catch.hpp>
#include <filesystem>

#include "tests/e2e/access.hpp"
#include "tests/support/event_client.hpp"
#include "tests/support/raw_socket.hpp"

using namespace toll::test;

namespace {

/// Opens a stream with this token; throws LostAnswer when it is refused.
std::unique_ptr<EventClient> open_stream(const Server& server, const std::string& token) {
  auto stream = std::make_unique<EventClient>(server.port(), "", patience, "Bearer " + token);
  stream->next();
  return stream;
}

std::string metrics_of(GuardedServer& toll) { return toll.admin().client().get("/metrics").body; }

}  // namespace

TEST_CASE("a token has an eighth of the streams, and what it leaves is for the others") {
  GuardedServer toll({"--max-streams", "16"});
  const auto refused = [&](const std::string& role) {
    const Reply reply = toll.as(role).get("/v1/events/stream");
    CHECK(reply.status == 503);
    CHECK(reply.headers.contains("retry-after"));
    return reply.code();
  };
  auto first = open_stream(toll.server(), toll.token("service"));
  const auto second = open_stream(toll.server(), toll.token("service"));
  CHECK(refused("service") == "too_many_streams");
  const auto other = open_stream(toll.server(), toll.token("read"));
  first.reset();
  // The place is free once the server has seen that the client has left.
  const auto until = std::chrono::steady_clock::now() + patience;
  while (metrics_of(toll).find("\ntoll_streams 2\n") == std::string::npos) {
    REQUIRE(std::chrono::steady_clock::now() < until);
  }
  first = open_stream(toll.server(), toll.token("service"));
  CHECK_THAT(
      metrics_of(toll),
      Catch::Contains(
          "\ntoll_limits_reached_total{limit=\"streams_of_principal\",role=\"service\"} 1\n") &&
          Catch::Contains("\ntoll_streams 3\n"));
}

TEST_CASE("where there are few streams a token may have one") {
  GuardedServer toll({"--max-streams", "2"});
  const auto first = open_stream(toll.server(), toll.token("service"));
  CHECK(toll.as("service").get("/v1/events/stream").code() == "too_many_streams");
  const auto other = open_stream(toll.server(), toll.token("read"));
  CHECK(toll.as("admin").get("/v1/events/stream").code() == "overloaded");
}

TEST_CASE("thousands who say nothing do not keep out a new client") {
  GuardedServer toll({"--max-connections", "8"});
  std::vector<std::unique_ptr<RawSocket>> silent;
  for (int i = 0; i < 100; ++i) {
    silent.push_back(std::make_unique<RawSocket>(toll.server().port()));
    if (i % 2) silent.back()->send("GET /livez HTTP/1.1\r\nHost");
    if (i % 10 == 0) {
      CHECK(with_token(toll.server(), toll.token("service")).get("/v1/sessions/none").status ==
            404);
    }
  }
  CHECK_THAT(metrics_of(toll), Catch::Contains("{limit=\"strangers\",role=\"none\"} ") &&
                                   !Catch::Contains("{limit=\"strangers\",role=\"none\"} 0\n"));
}

TEST_CASE("where all places are of those who are known, probes and known callers are heard") {
  GuardedServer toll({"--max-connections", "8"});
  std::vector<Api> all;
  for (const std::string role :
       {"admin", "admin", "service", "service", "read", "read", "patient:p1", "doctor:d1"}) {
    all.push_back(with_token(toll.server(), toll.token(role)));
    CHECK(all.back().get("/v1/sessions/none").status >= 403);
  }
  CHECK(Api(toll.server()).client().get("/livez").status == 200);
  CHECK(Api(toll.server()).client().get("/readyz").status == 200);
  for (const std::string role : {"patient:p9", "doctor:d9"}) {
    const Reply reply = with_token(toll.server(), toll.token(role)).get("/v1/sessions");
    CHECK(reply.status == 200);
    CHECK(reply.headers.at("connection") == "close");
  }
  for (const std::string role : {"none", "revoked"}) {
    Api stranger =
        role == "none" ? Api(toll.server()) : with_token(toll.server(), toll.token(role));
    const Reply reply = stranger.get("/v1/sessions");
    CHECK(reply.status == 503);
    CHECK(reply.code() == "overloaded");
    CHECK(reply.headers.contains("retry-after"));
  }
  for (Api& one : all) CHECK(one.get("/v1/sessions/none").status >= 403);
  // A place that comes free is for whoever comes next.
  all.pop_back();
  const auto until = std::chrono::steady_clock::now() + patience;
  Reply last;
  do {
    last = with_token(toll.server(), toll.token("patient:p9")).get("/v1/sessions");
    REQUIRE(std::chrono::steady_clock::now() < until);
  } while (last.headers.contains("connection"));
}

TEST_CASE("a person has 64 connections, any other token a quarter of all") {
  GuardedServer toll({"--max-connections", "400", "--person-rate-limit", "0"});
  const auto fill = [&](const std::string& role, std::size_t most) {
    std::vector<Api> mine;
    for (std::size_t i = 0; i < most; ++i) {
      mine.push_back(with_token(toll.server(), toll.token(role)));
      REQUIRE(mine.back().get("/v1/sessions?limit=1").status == 200);
    }
    const Reply more = with_token(toll.server(), toll.token(role)).get("/v1/sessions");
    CHECK(more.status == 503);
    CHECK(more.code() == "too_many_connections");
    CHECK(more.headers.contains("retry-after"));
    CHECK(mine.front().get("/v1/sessions?limit=1").status == 200);
  };
  fill("patient:p1", 64);
  fill("service", 100);
}

TEST_CASE("a limit of open files that is too low for the connections lowers them, aloud") {
  TempDir dir;
  const auto limited = [&](const std::string& files) {
    return std::vector<std::string>{"/usr/bin/prlimit", "--nofile=" + files, tolld_path(), "--data",
                                    dir / "data",       "--listen",          "127.0.0.1:0"};
  };
  const Finished refused = run(limited("300"));
  CHECK(refused.status == 1);
  CHECK_THAT(refused.errors, Catch::Contains("300 open files") && Catch::Contains("LimitNOFILE"));
  CHECK_FALSE(std::filesystem::exists(dir / "data"));
  TestServer usual({"--max-connections", "1000000"});
  CHECK_THAT(usual.server().errors(), Catch::Contains("\"event\":\"max_connections_lowered\"") &&
                                          Catch::Contains("\"from\":1000000,"));
}
