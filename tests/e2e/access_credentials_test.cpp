// Credentials over the life of a server: signed by others, limited, revoked.
#include <signal.h>

#include <catch2/catch.hpp>

#include "tests/e2e/access.hpp"
#include "tests/support/event_client.hpp"
#include "tests/support/jwt.hpp"

using namespace toll::test;

TEST_CASE("tokens that others sign are taken by a server that has the keys") {
  TempDir dir;
  const RsaKey key;
  const std::string pem = write_file(dir / "key.pem", key.public_pem());
  Server server(dir / "data", {"--jwt-public-key", pem}, false);
  CHECK(server.errors().find("no_tokens") == std::string::npos);
  CHECK(with_token(server, key.rs256(rs256_header, claims("x", "service")))
            .get("/v1/sessions/none")
            .status == 404);
  CHECK(with_token(server, key.rs256(rs256_header, claims("p1", "patient")))
            .get("/v1/patients/p1/balance")
            .status == 200);
  for (const std::string& token : {key.rs256(rs256_header, claims("x", "service", -1)),
                                   hs256(hs256_header, claims("x", "service"), key.public_pem()),
                                   std::string("a.b.c"), std::string("..")}) {
    CHECK(with_token(server, token).get("/v1/sessions/none").status == 401);
  }
  const std::vector<std::vector<std::string>> wrong{
      {"--jwt-public-key", dir / "none"},
      {"--jwt-public-key", write_file(dir / "not", "x")},
      {"--jwt-secret-file", write_file(dir / "short", "x")}};
  for (const auto& options : wrong) {
    std::vector<std::string> command{tolld_path(), "--data", dir / "other", "--listen",
                                     "127.0.0.1:0"};
    command.insert(command.end(), options.begin(), options.end());
    const Finished refused = run(command);
    CHECK(refused.status != 0);
    CHECK(refused.errors.find("the key file") != std::string::npos);
  }
}

TEST_CASE(
    "SIGHUP takes new keys of others' tokens, and keeps the old ones when they are unusable") {
  TempDir dir;
  const RsaKey first, second;
  const std::string pem = write_file(dir / "key.pem", first.public_pem());
  Server server(dir / "data", {"--jwt-public-key", pem}, false);
  const auto token = [](const RsaKey& key) {
    return key.rs256(rs256_header, claims("x", "service"));
  };
  Api by_first = with_token(server, token(first));
  Api by_second = with_token(server, token(second));
  CHECK(by_first.get("/v1/sessions/none").status == 404);
  CHECK(by_second.get("/v1/sessions/none").status == 401);

  write_file(pem, second.public_pem());
  server.signal(SIGHUP);
  CHECK(comes_to(with_token(server, token(second)), 404));
  CHECK(by_first.get("/v1/sessions/none").status == 401);

  write_file(pem, "x");
  server.signal(SIGHUP);
  while (server.errors().find("jwt_keys_kept") == std::string::npos) {
    REQUIRE(by_second.get("/v1/sessions/none").status == 404);
  }
  CHECK(by_second.get("/v1/sessions/none").status == 404);
  CHECK(server.stop(SIGTERM) == 0);
}

TEST_CASE("a rate limit is each caller's own, and says what is left") {
  // One request fills in so long that the test need not know how long it takes itself.
  GuardedServer toll({"--rate-limit", "1", "--rate-burst", "1000"});
  toll.admin().grant("s1", "p1", 10);
  Api& caller = toll.as("service");
  Reply last = caller.get("/v1/subscriptions/s1");
  CHECK(last.headers.at("ratelimit-limit") == "1000");
  CHECK(last.headers.at("ratelimit-remaining") == "999");
  CHECK(last.headers.at("ratelimit-reset") == "1");
  int served = 1;
  for (; served < 3000; ++served) {
    last = caller.get("/v1/subscriptions/s1");
    if (last.status != 200) break;
  }
  REQUIRE(last.status == 429);
  CHECK(served >= 1000);
  CHECK(last.code() == "rate_limited");
  CHECK(last.headers.at("ratelimit-remaining") == "0");
  CHECK(last.headers.at("retry-after") == "1");
  CHECK(toll.as("read").get("/v1/subscriptions/s1").status == 200);
  // Whoever cannot say who he is counts for nobody, and what is open stays open.
  const Reply nobody = toll.as("none").get("/v1/subscriptions/s1");
  CHECK(nobody.status == 401);
  CHECK_FALSE(nobody.headers.contains("ratelimit-limit"));
  CHECK(caller.client().get("/livez").status == 200);
}

TEST_CASE("backends and operators have no rate limit unless one is chosen") {
  GuardedServer usual;
  usual.admin().grant("s1", "p1", 10);
  for (const std::string role : {"admin", "service", "read"}) {
    const Reply reply = usual.as(role).get("/v1/subscriptions/s1");
    CHECK(reply.status == 200);
    CHECK_FALSE(reply.headers.contains("ratelimit-limit"));
  }
  CHECK(usual.as("patient:p1").get("/v1/subscriptions/s1").headers.contains("ratelimit-limit"));
  GuardedServer chosen({"--rate-limit", "7"});
  chosen.admin().grant("s1", "p1", 10);
  const Reply reply = chosen.as("service").get("/v1/subscriptions/s1");
  CHECK(reply.status == 200);
  CHECK(reply.headers.at("ratelimit-limit") == "7");
}

TEST_CASE("without authentication there is no rate limit") {
  TestServer toll({"--rate-limit", "1"});
  for (int i = 0; i < 10; ++i) {
    const Reply reply = toll.api().get("/v1/sessions/none");
    CHECK(reply.status == 404);
    CHECK_FALSE(reply.headers.contains("ratelimit-limit"));
  }
}

TEST_CASE("the stream of a token ends when it is revoked, and others go on") {
  TempDir dir;
  const std::string token = make_token(dir / "data", "one", "read");
  const std::string other = make_token(dir / "data", "other", "read");
  const std::string writer = make_token(dir / "data", "writer", "service");
  Server server(dir / "data", {}, false);
  EventClient ends(server.port(), "", patience, "Bearer " + token);
  EventClient stays(server.port(), "", patience, "Bearer " + other);
  CHECK(ends.next().id == "1");
  revoke_token(dir / "data", "one");
  REQUIRE(comes_to(with_token(server, token), 401));
  CHECK(with_token(server, writer).put("/v1/doctors/d1", Json::object()).status == 201);
  const auto read_to_the_doctor = [](EventClient& client) {
    while (client.next().type != "doctor_registered") {
    }
  };
  CHECK_THROWS_AS(read_to_the_doctor(ends), LostAnswer);
  CHECK_NOTHROW(read_to_the_doctor(stays));
}
