// Requests that are refused before they reach the engine.
#include <catch2/catch.hpp>

#include "tests/http/test_client.hpp"

using namespace toll;
using namespace toll::tests;

namespace {

std::string ids(int count) {
  std::string text = "[\"a0\"";
  for (int i = 1; i < count; ++i) text += ",\"a" + std::to_string(i) + "\"";
  return text + "]";
}

}  // namespace

TEST_CASE("bad requests are refused with the place of the mistake and never reach the engine") {
  const auto [line, body, detail] = GENERATE(table<std::string, std::string, std::string>({
      {"POST /v1/sessions", "", "/channel is required"},
      {"POST /v1/sessions", R"({"channel":"fax","patient_id":"p","doctor_id":"d"})", "/channel"},
      {"POST /v1/sessions", R"({"channel":"text","doctor_id":"d"})", "/patient_id is required"},
      {"POST /v1/sessions", R"({"channel":"text","patient_id":"p"})", "/doctor_id is required"},
      {"POST /v1/sessions", R"({"channel":"text","patient_id":"p","doctor_id":null})",
       "/doctor_id is required"},
      {"POST /v1/sessions", R"({"channel":"text","patient_id":"p","doctor_id":"d","units":null})",
       "/units is not a field"},
      {"POST /v1/sessions", R"({"channel":"text","patient_id":"p","doctor_id":"d","units":1})",
       "/units is not a field"},
      {"POST /v1/sessions",
       R"({"channel":"text","patient_id":"p","doctor_id":"d","external_ref":")" +
           std::string(256, 'x') + "\"}",
       "/external_ref"},
      {"POST /v1/sessions", "{", "Not valid JSON"},
      {"POST /v1/sessions", "[1]", "must be a JSON object"},
      {"POST /v1/sessions", "[]", "/channel is required"},
      {"POST /v1/sessions?dry_run=1", "{}", "dry_run"},
      {"POST /v1/sessions/x/messages", "", "/from is required"},
      {"POST /v1/sessions/x/messages", R"({"from":"server"})", "/from must be"},
      {"POST /v1/sessions/x/activate", R"({"at":"2026-01-01T00:00:00Z"})", "/at is not a field"},
      {"POST /v1/sessions/x/deduct", R"({"deductions_requested":2})", "/deductions_requested"},
      {"POST /v1/sessions/x/deduct", R"({"triggered_by":")" + std::string(65, 'x') + "\"}",
       "/triggered_by"},
      {"POST /v1/sessions/x/end", R"({"ended_by":"timer"})", "/ended_by must be"},
      {"POST /v1/sessions/x/end", R"({"reason":1})", "/reason"},
      {"POST /v1/sessions/a%20b/end", "", "id in the path"},
      {"POST /v1/sessions/%00/end", "", "id in the path"},
      {"GET /v1/sessions/" + std::string(65, 'a'), "", "id in the path"},
      {"GET /v1/sessions/", "", "id in the path"},
      {"GET /v1/sessions/x", R"({"a":1})", "/a is not a field"},
      {"GET /v1/sessions/x?a=1", "", "'a'"},
      {"GET /v1/sessions?status=live", "", "'status'"},
      {"GET /v1/sessions?limit=0", "", "'limit'"},
      {"GET /v1/sessions?limit=1&limit=1", "", "given twice"},
      {"GET /v1/sessions?patient_id=", "", "'patient_id'"},
      {"GET /v1/sessions?%zz", "", "malformed"},
      {"GET /v1/sessions/x/statement?limit=0", "", "'limit'"},
      {"GET /v1/events?after=-1", "", "'after'"},
      {"GET /v1/events?cursor=x", "", "'cursor'"},
      {"PUT /v1/subscriptions/s", "", "/patient_id is required"},
      {"PUT /v1/subscriptions/s", R"({"patient_id":"p","units":{}})", "/ends_at is required"},
      {"PUT /v1/subscriptions/s", R"({"patient_id":"p","ends_at":"2026-01-02T00:00:00Z"})",
       "/units is required"},
      {"PUT /v1/subscriptions/s",
       R"({"patient_id":"p","units":{},"ends_at":"2026-02-30T00:00:00Z"})", "/ends_at must be"},
      {"PUT /v1/subscriptions/s",
       R"({"patient_id":"p","units":{},"starts_at":"2026-01-02T00:00:00Z","ends_at":"2026-01-02T00:00:00Z"})",
       "/ends_at must be later"},
      {"PUT /v1/subscriptions/s",
       R"({"patient_id":"p","units":{},"ends_at":"2026-01-02T00:00:00Z","rollover_days":3651})",
       "/rollover_days"},
      {"PUT /v1/subscriptions/s",
       R"({"patient_id":"p","units":{},"ends_at":"2026-01-02T00:00:00Z","members":)" + ids(1001) +
           "}",
       "/members must have at most 1000"},
      {"PATCH /v1/subscriptions/s", R"({"status":"expired"})", "/status must be"},
      {"PATCH /v1/subscriptions/s", R"({"units":{"text":1}})", "/units is not a field"},
      {"PATCH /v1/subscriptions/s", R"({"ends_at":[]})", "/ends_at must be"},
      {"POST /v1/subscriptions/s/topups", "{}", "/units is required"},
      {"POST /v1/subscriptions/s/topups", R"({"units":{}})", "/units must have at least one"},
      {"POST /v1/subscriptions/s/topups", R"({"units":{"text":-1}})", "/units/text"},
      {"PUT /v1/doctors/d", R"({"currency":"mwk"})", "/currency must be"},
      {"PUT /v1/doctors/d", R"({"currency":[]})", "/currency must be"},
      {"POST /v1/test/clock", "{}", "/advance_ms is required"},
      {"POST /v1/test/clock", R"({"advance_ms":1000000000001})", "/advance_ms must be"},
      {"POST /v1/test/clock", R"({"advance_ms":-1})", "/advance_ms must be"},
      {"POST /v1/test/clock", R"({"advance_ms":1,"run_timers":"no"})", "/run_timers must be"},
      {"GET /livez?verbose", "", "'verbose'"},
  }));
  INFO(line << " " << body.substr(0, 200));
  TestServer server;
  const auto response = server.ask(line, body);
  CHECK(response.status == 400);
  CHECK(response.field("content-type") == "application/problem+json");
  CHECK_THAT(response.body, Catch::Contains(R"("code":"invalid_request")"));
  CHECK_THAT(response.body, Catch::Contains(detail));
  CHECK(server.engine->commands == 0);
  CHECK(server.engine->queries == 0);
}

TEST_CASE("a text may have so many characters, and not one more") {
  struct Row {
    std::string line, fields, name;
    int most;
  };
  const std::string session = R"("channel":"text","patient_id":"p","doctor_id":"d",)";
  const std::string subscription =
      R"("patient_id":"p","units":{},"ends_at":"2026-01-02T00:00:00Z",)";
  const auto row = GENERATE_COPY(values<Row>({
      {"POST /v1/sessions", session, "external_ref", 255},
      {"POST /v1/sessions/x/deduct", "", "triggered_by", 64},
      {"POST /v1/sessions/x/end", "", "reason", 1000},
      {"POST /v1/sessions/x/refunds", R"("units":1,)", "reason", 1000},
      {"PUT /v1/subscriptions/s", subscription, "payment_ref", 255},
      {"PUT /v1/subscriptions/s", subscription, "plan", 255},
  }));
  // Characters, however many bytes each has and however it is written.
  for (const std::string one : {"x", "\u00e9", "\xF0\x9F\x98\x80", "\\ud83d\\ude00"}) {
    INFO(row.line << " " << row.name << ", " << row.most << " times " << one);
    TestServer server;
    const auto status_with = [&](int count) {
      std::string text;
      for (int i = 0; i < count; ++i) text += one;
      return server.ask(row.line, "{" + row.fields + "\"" + row.name + "\":\"" + text + "\"}")
          .status;
    };
    CHECK(status_with(row.most) == 503);  // the engine was asked
    CHECK(server.engine->commands == 1);
    CHECK(status_with(row.most + 1) == 400);
    CHECK(server.engine->commands == 1);
  }
}

TEST_CASE("1000 members are not too many") {
  TestServer server;
  const auto response =
      server.ask("PUT /v1/subscriptions/s",
                 R"({"patient_id":"p","units":{},"ends_at":"2026-01-02T00:00:00Z","members":)" +
                     ids(1000) + "}");
  CHECK(response.status == 503);  // the engine was asked
  CHECK(server.engine->commands == 1);
}

TEST_CASE("a body needs its content type") {
  TestServer server;
  const auto type = GENERATE(as<std::string>(), "text/plain", "", "application/xml");
  const auto response =
      server.ask("POST /v1/sessions/x/end", "{}", "Content-Type: " + type + "\r\n");
  CHECK(response.status == 415);
  CHECK_THAT(response.body, Catch::Contains("unsupported_media_type"));
  CHECK(server.engine->commands == 0);
}

TEST_CASE("an empty body needs no content type, and parameters are allowed") {
  TestServer server;
  server.ask("POST /v1/sessions/x/end", "", "Content-Type: text/plain\r\nContent-Length: 0\r\n");
  server.ask("POST /v1/sessions/x/end", "{}", "Content-Type: application/JSON; charset=utf-8\r\n");
  CHECK(server.engine->commands == 2);
}

TEST_CASE("unknown routes and wrong methods") {
  TestServer server;
  CHECK(server.ask("GET /v1/unknown").status == 404);
  CHECK(server.ask("POST /v1/unknown", "{").status == 404);
  const auto response = server.ask("DELETE /v1/subscriptions/s");
  CHECK(response.status == 405);
  CHECK(response.field("allow") == "put, get, head, patch, options");
  CHECK_THAT(response.body, Catch::Contains("method_not_allowed"));
  CHECK(server.ask("FROB /livez").status == 405);
  server.engine->test_clock = false;
  CHECK(server.ask("GET /v1/test/clock").status == 404);
  CHECK(server.ask("POST /v1/test/clock", R"({"advance_ms":1})").status == 404);
}
