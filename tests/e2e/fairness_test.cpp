// One client against the others: what each may have of the server, and that the rest stays free.
#include <catch2/catch.hpp>

#include "tests/e2e/access.hpp"
#include "tests/support/event_client.hpp"

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
  CHECK_THAT(metrics_of(toll),
             Catch::Contains("\ntoll_limits_reached_total{limit=\"streams_of_principal\"} 1\n") &&
                 Catch::Contains("\ntoll_streams 3\n"));
}

TEST_CASE("where there are few streams a token may have one") {
  GuardedServer toll({"--max-streams", "2"});
  const auto first = open_stream(toll.server(), toll.token("service"));
  CHECK(toll.as("service").get("/v1/events/stream").code() == "too_many_streams");
  const auto other = open_stream(toll.server(), toll.token("read"));
  CHECK(toll.as("admin").get("/v1/events/stream").code() == "overloaded");
}
