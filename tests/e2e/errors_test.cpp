// Each refusal of http-api by its status and code, in the order of precedence; and repeated starts.
#include <catch2/catch.hpp>

#include "tests/e2e/api.hpp"

using namespace toll::test;

namespace {

void refused(const Reply& reply, int status, const std::string& code) {
  INFO(reply.body.dump());
  CHECK(reply.status == status);
  CHECK(reply.code() == code);
  REQUIRE(reply.headers.count("content-type") == 1);
  CHECK(reply.headers.at("content-type").starts_with("application/problem+json"));
  CHECK(reply.body.value("status", 0) == status);
  for (const std::string field : {"type", "title", "detail"}) CHECK(reply.body.contains(field));
}

}  // namespace

TEST_CASE("unknown things are 404, each with its code") {
  TestServer toll;
  Api& api = toll.api();
  refused(api.get("/v1/nothing"), 404, "not_found");
  refused(api.get("/v1"), 404, "not_found");
  refused(api.get("/v1/"), 404, "not_found");
  refused(api.get("/v1/subscriptions/x"), 404, "subscription_not_found");
  refused(api.patch("/v1/subscriptions/x", {{"status", "active"}}), 404, "subscription_not_found");
  refused(api.post("/v1/subscriptions/x/topups", {{"units", {{"text", 1}}}}), 404,
          "subscription_not_found");
  refused(api.get("/v1/doctors/x/wallet"), 404, "doctor_not_found");
  refused(api.get("/v1/doctors/x/wallet/entries"), 404, "doctor_not_found");
  refused(api.get("/v1/sessions/x"), 404, "session_not_found");
  refused(api.get("/v1/sessions/x/statement"), 404, "session_not_found");
  for (const std::string action : {"activate", "deduct", "end"}) {
    refused(api.post("/v1/sessions/x/" + action), 404, "session_not_found");
  }
  refused(api.post("/v1/sessions/x/messages", {{"from", "doctor"}}), 404, "session_not_found");
}

TEST_CASE("a wrong method is 405 and says which are allowed") {
  TestServer toll;
  const Reply reply = [&] {
    const Response response = toll.api().client().request("DELETE", "/v1/subscriptions/s1");
    return Reply{response.status, Json::parse(response.body), response.headers};
  }();
  CHECK(reply.status == 405);
  REQUIRE(reply.headers.count("allow") == 1);
  for (const std::string method : {"GET", "PUT", "PATCH"}) {
    CHECK(reply.headers.at("allow").find(method) != std::string::npos);
  }
}

TEST_CASE("starting: 402 before the conflicts, then patient_busy, then doctor_busy") {
  TestServer toll;
  Api& api = toll.api();
  api.grant("s1", "p1", 5);
  api.grant("s2", "p2", 5);
  api.open("t1", "text", "p1", "d1");
  refused(api.post("/v1/sessions", start_body("t2", "text", "p1", "d2")), 409, "patient_busy");
  refused(api.post("/v1/sessions", start_body("t2", "text", "p1", "d1")), 409, "patient_busy");
  refused(api.post("/v1/sessions", start_body("t2", "text", "p2", "d1")), 409, "doctor_busy");
  refused(api.post("/v1/sessions", start_body("t2", "voice", "p2", "d1")), 409, "doctor_busy");
  refused(api.post("/v1/sessions", start_body("t2", "text", "poor", "d1")), 402, "no_units");
  api.open("c1", "voice", "p1", "d2");
  refused(api.post("/v1/sessions", start_body("c2", "video", "p1", "d3")), 409, "patient_busy");
  CHECK(api.units("s1", "text")["held"] == 1);
  CHECK(api.units("s2", "text")["held"] == 0);
}

TEST_CASE("a busy party whose session is really over does not refuse a start") {
  TestServer toll;
  Api& api = toll.api();
  api.grant("s1", "p1", 1);
  api.grant("s2", "p2", 5);
  api.open("c1", "voice", "p1", "d1");
  api.advance(10 * minute_ms, false);
  api.start("c2", "voice", "p2", "d1");
  CHECK(api.session("c1")["end_reason"] == "exhausted");
}

TEST_CASE(
    "the same start again is 200 with the session as it is now; other content is a conflict") {
  TestServer toll;
  Api& api = toll.api();
  api.grant("s1", "p1", 1);
  const Json body = start_body("c1", "voice", "p1", "d1");
  REQUIRE(api.post("/v1/sessions", body).status == 201);
  CHECK(api.post("/v1/sessions", body).status == 200);
  api.post("/v1/sessions/c1/activate");
  CHECK(api.post("/v1/sessions", body).body["status"] == "active");
  api.advance(2 * minute_ms);
  api.end("c1");
  const Reply late = api.post("/v1/sessions", body);
  CHECK(late.status == 200);
  CHECK(late.body["status"] == "ended");
  refused(api.post("/v1/sessions", start_body("c1", "video", "p1", "d1")), 409, "session_exists");
  refused(api.post("/v1/sessions", start_body("c1", "voice", "p1", "d2")), 409, "session_exists");
  Json more = body;
  more["external_ref"] = "x";
  refused(api.post("/v1/sessions", more), 409, "session_exists");
}

TEST_CASE("a start without an id gets one from the server, a new one each time") {
  TestServer toll;
  Api& api = toll.api();
  api.grant("s1", "p1", 2);
  Json body = start_body("", "voice", "p1", "d1");
  body.erase("id");
  const Reply first = api.post("/v1/sessions", body);
  REQUIRE(first.status == 201);
  const std::string id = first.body["id"];
  CHECK(!id.empty());
  CHECK(id.size() <= 64);
  api.end(id);
  CHECK(api.post("/v1/sessions", body).body["id"] != id);
}

TEST_CASE("state conflicts of sessions") {
  TestServer toll;
  Api& api = toll.api();
  api.grant("s1", "p1", 5);
  api.start("c1", "voice", "p1", "d1");
  refused(api.post("/v1/sessions/c1/deduct"), 409, "session_not_active");
  refused(api.post("/v1/sessions/c1/messages", {{"from", "doctor"}}), 400, "invalid_request");
  api.end("c1");
  refused(api.post("/v1/sessions/c1/deduct"), 409, "session_not_active");
  refused(api.post("/v1/sessions/c1/activate"), 409, "session_over");
  api.start("t1", "text", "p1", "d1");
  api.end("t1");
  refused(api.post("/v1/sessions/t1/messages", {{"from", "patient"}}), 409, "session_over");
}

TEST_CASE("doctors: registered, again, in another currency, fixed by a session") {
  TestServer toll;
  Api& api = toll.api();
  CHECK(api.put("/v1/doctors/d1", {{"currency", "USD"}}).status == 201);
  CHECK(api.put("/v1/doctors/d1", {{"currency", "USD"}}).status == 200);
  CHECK(api.put("/v1/doctors/d1", Json::object()).status == 200);
  CHECK(api.put("/v1/doctors/d1", {{"currency", "MWK"}}).status == 200);
  refused(api.put("/v1/doctors/d1", {{"currency", "EUR"}}), 400, "invalid_request");
  api.grant("s1", "p1", 5);
  api.start("c1", "voice", "p1", "d1");
  refused(api.put("/v1/doctors/d1", {{"currency", "USD"}}), 409, "currency_fixed");
  CHECK(api.put("/v1/doctors/d1", {{"currency", "MWK"}}).status == 200);
  CHECK(api.wallet("d1")["currency"] == "MWK");
}

TEST_CASE("the client's durations, amounts and counts are refused, so that a typo never bills") {
  TestServer toll;
  Api& api = toll.api();
  api.grant("s1", "p1", 5);
  api.open("c1", "voice", "p1", "d1");
  for (const std::string field : {"duration", "units", "amount", "ended_at", "endedBy"}) {
    refused(api.post("/v1/sessions/c1/end", {{field, 1}}), 400, "invalid_request");
  }
  CHECK(api.session("c1")["status"] == "active");
}

TEST_CASE("ids are percent-decoded where they stand in a path") {
  TestServer toll;
  Api& api = toll.api();
  CHECK(api.put("/v1/doctors/a%3Ab%2Ec", Json::object()).status == 201);
  CHECK(api.wallet("a:b.c")["doctor_id"] == "a:b.c");
  refused(api.get("/v1/doctors/a%2Fb/wallet"), 400, "invalid_request");
  refused(api.get("/v1/doctors/" + std::string(65, 'x') + "/wallet"), 400, "invalid_request");
}
