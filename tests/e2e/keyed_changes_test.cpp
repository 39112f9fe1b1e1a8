// Idempotency keys on PUT and PATCH, and which bodies are one and the same.
#include <catch2/catch.hpp>

#include "tests/e2e/api.hpp"

using namespace toll::test;

namespace {

struct Change {
  std::string method, target;
  Json body;
  int status;
};

Response keyed(std::uint16_t port, const std::string& key, const std::string& method,
               const std::string& target, const std::string& body) {
  HttpClient client(port);
  client.set_header("Idempotency-Key", key);
  return client.request(method, target, body);
}

bool is_replay(const Response& response) {
  return response.headers.contains("idempotency-replayed");
}

Json grant_body(int units) {
  return {{"patient_id", "p1"}, {"units", {{"text", units}}}, {"ends_at", far_end}};
}

}  // namespace

TEST_CASE("a PUT or PATCH with a key that was used: the first answer, at once and after kill -9") {
  TestServer toll;
  const std::vector<Change> changes{
      {"PUT", "/v1/subscriptions/s1", grant_body(5), 201},
      {"PATCH", "/v1/subscriptions/s1", {{"members", {"p2", "p3"}}}, 200},
      {"PATCH", "/v1/subscriptions/s1", {{"status", "disabled"}}, 200},
      {"PATCH", "/v1/subscriptions/s1", {{"ends_at", "2027-01-01T00:00:00.000Z"}}, 200},
      {"PUT", "/v1/doctors/d1", {{"currency", "USD"}}, 201},
      {"PUT", "/v1/doctors/d1", {{"currency", "MWK"}}, 200},
  };
  const auto send = [&](std::size_t i, const Json& body) {
    return keyed(toll.server().port(), "key " + std::to_string(i), changes[i].method,
                 changes[i].target, body.dump());
  };
  std::vector<Response> first;
  for (std::size_t i = 0; i < changes.size(); ++i) {
    INFO(changes[i].method << " " << changes[i].target << " " << changes[i].body.dump());
    first.push_back(send(i, changes[i].body));
    INFO(first.back().body);
    REQUIRE(first.back().status == changes[i].status);
    CHECK_FALSE(is_replay(first.back()));
    const Response again = send(i, changes[i].body);
    CHECK(is_replay(again));
    CHECK(again.status == first.back().status);
    CHECK(again.body == first.back().body);
  }
  // What was done since stays done: a repetition changes nothing back.
  REQUIRE(toll.api().patch("/v1/subscriptions/s1", {{"status", "active"}}).status == 200);
  const std::uint64_t head = toll.api().last_seq();
  for (const bool crash : {false, true}) {
    if (crash) toll.crash_and_restart();
    for (std::size_t i = 0; i < changes.size(); ++i) {
      INFO(changes[i].method << " " << changes[i].body.dump() << (crash ? " after a crash" : ""));
      const Response again = send(i, changes[i].body);
      CHECK(is_replay(again));
      CHECK(again.status == first[i].status);
      CHECK(again.body == first[i].body);
      Json other = changes[i].body;
      if (i == 0) other = grant_body(6);
      if (i == 1) other["members"] = {"p2"};
      if (i > 1) other = {{i < 4 ? "status" : "currency", i < 4 ? "active" : "USD"}};
      if (i == 4) other["currency"] = "MWK";
      const Response reused = send(i, other);
      CHECK(reused.status == 422);
      CHECK(Json::parse(reused.body)["code"] == "idempotency_key_reused");
    }
    if (!crash) CHECK(toll.api().last_seq() == head);
  }
  const Json subscription = toll.api().get("/v1/subscriptions/s1").body;
  CHECK(subscription["status"] == "active");
  CHECK(subscription["members"] == Json{"p2", "p3"});
}

TEST_CASE("a change that had nothing to do leaves its key free") {
  TestServer toll;
  toll.api().grant("s1", "p1", 5);
  const std::uint16_t port = toll.server().port();
  const std::string path = "/v1/subscriptions/s1";
  CHECK(keyed(port, "k", "PATCH", path, R"({"status":"active"})").status == 200);
  CHECK_FALSE(is_replay(keyed(port, "k", "PATCH", path, R"({"status":"disabled"})")));
  CHECK(is_replay(keyed(port, "k", "PATCH", path, R"({"status":"disabled"})")));
}

TEST_CASE("a key must be usable on PUT and PATCH as well") {
  TestServer toll;
  toll.api().grant("s1", "p1", 5);
  const std::string bad(256, 'k');
  const std::uint16_t port = toll.server().port();
  CHECK(keyed(port, bad, "PATCH", "/v1/subscriptions/s1", R"({"status":"disabled"})").status ==
        400);
  CHECK(keyed(port, bad, "PUT", "/v1/doctors/d1", "{}").status == 400);
  CHECK(keyed(port, bad, "GET", "/v1/subscriptions/s1", "").status == 200);
}

TEST_CASE("no body, {}, [] and members that are null are one and the same request") {
  TestServer toll;
  toll.api().grant("s1", "p1", 9);
  toll.api().open("c1", "voice", "p1", "d1");
  toll.api().advance(25 * minute_ms, false);
  const std::uint16_t port = toll.server().port();
  const std::string end = "/v1/sessions/c1/end";
  const Response first = keyed(port, "end", "POST", end, "");
  REQUIRE(first.status == 200);
  for (const std::string body :
       {"{}", "[]", " [ ]", R"({"reason":null})", R"({"reason":null,"ended_by":null})"}) {
    INFO(body);
    const Response again = keyed(port, "end", "POST", end, body);
    CHECK(again.status == 200);
    CHECK(is_replay(again));
    CHECK(again.body == first.body);
  }
  CHECK(keyed(port, "end", "POST", end, R"({"reason":"x"})").status == 422);
  CHECK(keyed(port, "end", "POST", end, "[1]").status == 400);
  CHECK(keyed(port, "end", "POST", end, R"({"unknown":null})").status == 400);

  const std::string doctor = "/v1/doctors/d7";
  CHECK(keyed(port, "doctor", "PUT", doctor, "[]").status == 201);
  for (const std::string body : {"", "{}", R"({"currency":null})"}) {
    INFO(body);
    CHECK(is_replay(keyed(port, "doctor", "PUT", doctor, body)));
  }

  const std::string topups = "/v1/subscriptions/s1/topups";
  CHECK(keyed(port, "up", "POST", topups, R"({"units":{"text":1,"voice":null}})").status == 201);
  CHECK(is_replay(keyed(port, "up", "POST", topups, R"({"units":{"text":1}})")));
  CHECK(toll.api().units("s1", "text")["granted"] == 10);
}

TEST_CASE("null says nothing: in a PATCH it changes nothing, a required field is still required") {
  TestServer toll;
  Api& api = toll.api();
  api.grant("s1", "p1", 9, {{"members", {"p2"}}});
  const std::uint64_t head = api.last_seq();
  const Json nothing{{"members", nullptr}, {"status", nullptr}, {"ends_at", nullptr}};
  CHECK(api.patch("/v1/subscriptions/s1", nothing).status == 200);
  CHECK(api.patch("/v1/subscriptions/s1", Json::array()).status == 200);
  CHECK(
      api.post("/v1/sessions", {{"channel", "text"}, {"patient_id", nullptr}, {"doctor_id", "d1"}})
          .status == 400);
  CHECK(api.post("/v1/sessions", Json::array()).status == 400);
  CHECK(api.last_seq() == head);
  CHECK(api.get("/v1/subscriptions/s1").body["members"] == Json{"p2"});
  CHECK(api.post("/v1/sessions", {{"id", "t1"},
                                  {"channel", "text"},
                                  {"patient_id", "p1"},
                                  {"doctor_id", "d1"},
                                  {"external_ref", nullptr}})
            .status == 201);
}
