// The life of each kind of session over HTTP, the founding case first.
#include <catch2/catch.hpp>

#include "tests/e2e/api.hpp"

using namespace toll::test;

TEST_CASE("the founding case: a 25-minute call costs 3, of which the end charges 1") {
  TestServer toll;
  Api& api = toll.api();
  api.grant("s1", "p1", 10);
  api.open("c1", "voice", "p1", "d1");
  api.advance(25 * minute_ms);
  const Json running = api.session("c1");
  CHECK(running["auto_deductions_processed"] == 2);
  CHECK(running["sessions_used"] == 2);
  CHECK(running["next_deduction_at"] == clock_time(30 * minute_ms));

  const Json first = api.end("c1");
  CHECK(first["deducted"] == 1);
  CHECK(first["manual_unit"] == true);
  CHECK(first["already_ended"] == false);
  CHECK(first["session"]["sessions_used"] == 3);
  CHECK(first["session"]["manual_deduction_applied"] == true);
  CHECK(first["session"]["ended_by"] == "patient");
  CHECK(first["session"]["end_reason"] == "hangup");
  CHECK(api.wallet("d1")["balance"] == 1'050'000);
  CHECK(api.wallet("d1")["currency"] == "MWK");
  CHECK(api.units("s1", "voice")["taken"] == 3);
  CHECK(api.units("s1", "voice")["held"] == 0);

  const Json again = api.end("c1", "doctor");
  CHECK(again["deducted"] == 0);
  CHECK(again["manual_unit"] == false);
  CHECK(again["already_ended"] == true);
  CHECK(again["session"] == first["session"]);
}

TEST_CASE("a new session shows every field, and holds one unit") {
  TestServer toll;
  Api& api = toll.api();
  api.grant("s1", "p1", 10);
  Json body = start_body("t1", "text", "p1", "d1");
  body["external_ref"] = "visit-7";
  const Reply created = api.post("/v1/sessions", body);
  REQUIRE(created.status == 201);
  const Json expected{{"id", "t1"},
                      {"channel", "text"},
                      {"status", "waiting"},
                      {"patient_id", "p1"},
                      {"doctor_id", "d1"},
                      {"external_ref", "visit-7"},
                      {"created_at", midnight},
                      {"response_deadline", nullptr},
                      {"activated_at", nullptr},
                      {"ended_at", nullptr},
                      {"ended_by", nullptr},
                      {"end_reason", nullptr},
                      {"reason", nullptr},
                      {"auto_deductions_processed", 0},
                      {"manual_deduction_applied", false},
                      {"sessions_used", 0},
                      {"units_due", 0},
                      {"units_refunded", 0},
                      {"next_deduction_at", nullptr},
                      {"policy_version", 1}};
  for (const auto& [field, value] : expected.items()) {
    INFO(field);
    CHECK(created.body.at(field) == value);
  }
  CHECK(api.units("s1", "text")["held"] == 1);
  CHECK(api.units("s1", "text")["free"] == 9);
  CHECK(api.units("s1", "text")["remaining"] == 10);
}

TEST_CASE("text: the patient's first message starts the deadline, the doctor's first activates") {
  TestServer toll;
  Api& api = toll.api();
  api.grant("s1", "p1", 10);
  api.start("t1", "text", "p1", "d1");
  api.advance(minute_ms);
  const Reply first = api.post("/v1/sessions/t1/messages", {{"from", "patient"}});
  CHECK(first.status == 200);
  CHECK(first.body["response_deadline"] == clock_time(6 * minute_ms));
  api.advance(minute_ms);
  CHECK(api.post("/v1/sessions/t1/messages", {{"from", "patient"}}).body["response_deadline"] ==
        clock_time(6 * minute_ms));
  const Reply answered = api.post("/v1/sessions/t1/messages", {{"from", "doctor"}});
  CHECK(answered.body["status"] == "active");
  CHECK(answered.body["activated_at"] == clock_time(2 * minute_ms));
  api.advance(minute_ms);
  CHECK(api.post("/v1/sessions/t1/messages", {{"from", "doctor"}}).body["activated_at"] ==
        clock_time(2 * minute_ms));
  CHECK(api.end("t1")["deducted"] == 1);
}

TEST_CASE(
    "text: an unanswered session expires at its deadline, whoever notices, and costs nothing") {
  TestServer toll;
  Api& api = toll.api();
  const bool by_timer = GENERATE(true, false);
  api.grant("s1", "p1", 1);
  api.start("t1", "text", "p1", "d1");
  api.post("/v1/sessions/t1/messages", {{"from", "patient"}});
  api.advance(300 * second_ms, by_timer);
  if (!by_timer) {
    const Reply late = api.post("/v1/sessions/t1/messages", {{"from", "doctor"}});
    CHECK(late.status == 409);
    CHECK(late.code() == "session_over");
  }
  const Json session = api.session("t1");
  CHECK(session["status"] == "expired");
  CHECK(session["ended_at"] == clock_time(300 * second_ms));
  CHECK(session["ended_by"] == "server");
  CHECK(session["end_reason"] == "expired");
  CHECK(session["sessions_used"] == 0);
  CHECK(api.units("s1", "text")["free"] == 1);
  CHECK(api.end("t1")["already_ended"] == true);
}

TEST_CASE("text: without a patient message the waiting limit ends it") {
  TestServer toll;
  Api& api = toll.api();
  api.grant("s1", "p1", 1);
  api.start("t1", "text", "p1", "d1");
  api.advance(86'400 * second_ms - 1);
  CHECK(api.session("t1")["status"] == "waiting");
  api.advance(1);
  CHECK(api.session("t1")["status"] == "expired");
}

TEST_CASE("call: answered in time or missed, exactly one of the two") {
  TestServer toll;
  Api& api = toll.api();
  api.grant("s1", "p1", 5);
  api.start("c1", "voice", "p1", "d1");
  api.advance(90 * second_ms - 1, false);
  CHECK(api.post("/v1/sessions/c1/activate").status == 200);
  api.end("c1");
  api.start("c2", "video", "p1", "d1");
  api.advance(90 * second_ms, false);
  const Reply late = api.post("/v1/sessions/c2/activate");
  CHECK(late.status == 409);
  CHECK(late.code() == "session_over");
  const Json missed = api.session("c2");
  CHECK(missed["status"] == "missed");
  CHECK(missed["end_reason"] == "missed");
  CHECK(missed["ended_by"] == "server");
  CHECK(api.units("s1", "video")["free"] == 5);
}

TEST_CASE("call: a second answer does not restart the meter") {
  TestServer toll;
  Api& api = toll.api();
  api.grant("s1", "p1", 10);
  api.open("c1", "voice", "p1", "d1");
  api.advance(12 * minute_ms);
  CHECK(api.post("/v1/sessions/c1/activate").body["activated_at"] == midnight);
  api.advance(28 * minute_ms);
  api.end("c1");
  CHECK(api.session("c1")["sessions_used"] == 5);
}

TEST_CASE("cancelled while waiting: nothing is charged and the unit is free again") {
  TestServer toll;
  Api& api = toll.api();
  const std::string channel = GENERATE("text", "voice");
  api.grant("s1", "p1", 1);
  api.start("x", channel, "p1", "d1");
  const Reply ended =
      api.post("/v1/sessions/x/end", {{"ended_by", "doctor"}, {"reason", "declined"}});
  CHECK(ended.body["deducted"] == 0);
  CHECK(ended.body["already_ended"] == false);
  CHECK(ended.body["session"]["end_reason"] == "cancelled");
  CHECK(ended.body["session"]["reason"] == "declined");
  CHECK(ended.body["session"]["activated_at"] == nullptr);
  CHECK(api.units("s1", channel)["free"] == 1);
}

TEST_CASE("what a hang-up costs, row by row") {
  struct Row {
    std::int64_t e_ms, text, call;
  };
  const Row rows[] = {{0, 1, 0},
                      {60 * second_ms - 1, 1, 0},
                      {60 * second_ms, 1, 1},
                      {10 * minute_ms - 1, 1, 1},
                      {10 * minute_ms, 2, 2},
                      {20 * minute_ms - 1, 2, 2},
                      {20 * minute_ms, 3, 3},
                      {25 * minute_ms, 3, 3},
                      {30 * minute_ms - 1, 3, 3},
                      {60 * minute_ms, 7, 7}};
  TestServer toll;
  Api& api = toll.api();
  api.grant("s1", "p1", 1000);
  const bool timers = GENERATE(true, false);
  std::int64_t total = 0;
  for (const Row& row : rows) {
    for (const std::string channel : {"text", "voice", "video"}) {
      INFO(channel << " of " << row.e_ms << " ms");
      const std::string id = channel + std::to_string(row.e_ms);
      api.open(id, channel, "p1", "d1");
      api.advance(row.e_ms, timers);
      api.end(id, "doctor");
      const std::int64_t expected = channel == "text" ? row.text : row.call;
      CHECK(api.session(id)["sessions_used"] == expected);
      CHECK(api.lines(id).size() == static_cast<std::size_t>(expected));
      total += expected;
    }
  }
  CHECK(api.wallet("d1")["balance"] == total * rate);
}

TEST_CASE("the patient's late end finds the doctor's and costs nothing") {
  TestServer toll;
  Api& api = toll.api();
  api.grant("s1", "p1", 10);
  api.open("c1", "voice", "p1", "d1");
  api.advance(9 * minute_ms);
  CHECK(api.end("c1", "doctor")["deducted"] == 1);
  api.advance(26 * minute_ms);
  CHECK(api.end("c1", "patient")["deducted"] == 0);
  CHECK(api.session("c1")["ended_at"] == clock_time(9 * minute_ms));
  CHECK(api.session("c1")["ended_by"] == "doctor");
}

TEST_CASE("the same start again is a request like any other: it applies what is due") {
  TestServer toll;
  Api& api = toll.api();
  api.grant("s1", "p1", 5);
  const Json body = start_body("c", "text", "p1", "d1");
  api.start("c", "text", "p1", "d1");
  api.post("/v1/sessions/c/messages", {{"from", "patient"}});
  api.advance(5 * minute_ms, false);
  CHECK(api.session("c")["status"] == "waiting");
  const Reply again = api.post("/v1/sessions", body);
  CHECK(again.status == 200);
  CHECK(again.body["status"] == "expired");

  api.open("d", "voice", "p1", "d1");
  api.advance(25 * minute_ms, false);
  const Reply active = api.post("/v1/sessions", start_body("d", "voice", "p1", "d1"));
  CHECK(active.status == 200);
  CHECK(active.body["sessions_used"] == 2);
  CHECK(active.body["units_due"] == 0);
}
