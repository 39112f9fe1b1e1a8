// What each route asks of the engine, and how its answer looks.
#include <catch2/catch.hpp>

#include "tests/http/test_client.hpp"
#include "tests/support/commands.hpp"

using namespace toll;
using namespace toll::tests;

namespace {

/// Answers every command with `answer` and keeps the last command.
struct Recorder {
  explicit Recorder(FakeEngine& engine, actors::Answer answer) {
    engine.answers = [this, answer](const actors::Command& command) {
      last = command;
      return answer;
    };
  }
  template <class T>
  const T& as() const {
    return *command_if<T>(last);
  }
  actors::Command last;
};

actors::SessionAnswer session_answer() {
  actors::SessionAnswer answer;
  answer.session = some_session("x");
  answer.at = new_year + 25 * 60'000;
  return answer;
}

const std::string session_json =
    R"({"id":"x","channel":"text","status":"active","patient_id":"p1","doctor_id":"d1",)"
    R"("external_ref":null,"created_at":"2025-12-31T23:59:00.000Z","response_deadline":null,)"
    R"("activated_at":"2026-01-01T00:00:00.000Z","ended_at":null,"ended_by":null,)"
    R"("end_reason":null,"reason":null,"auto_deductions_processed":1,)"
    R"("manual_deduction_applied":false,"sessions_used":1,"units_due":1,"units_refunded":0,)"
    R"("next_deduction_at":"2026-01-01T00:20:00.000Z","policy_version":1})";

actors::SubscriptionAnswer subscription_answer(bool created) {
  actors::SubscriptionAnswer answer;
  answer.subscription.id = "s1";
  answer.subscription.patient = "p1";
  answer.subscription.members = {"p2"};
  answer.subscription.starts_at = new_year;
  answer.subscription.ends_at = new_year + 86'400'000;
  answer.subscription.granted = {10, 0, 0};
  answer.subscription.taken = {2, 0, 0};
  answer.subscription.held = {1, 0, 0};
  answer.subscription.payment_ref = "pay";
  answer.at = new_year;
  answer.created = created;
  return answer;
}

/// The cursor that ends the text of a page.
std::string next_cursor(const std::string& page) {
  const std::string name = "\"next_cursor\":\"";
  const std::size_t begin = page.rfind(name);
  REQUIRE(begin != page.npos);
  return page.substr(begin + name.size(), page.rfind('"') - begin - name.size());
}

}  // namespace

TEST_CASE("POST /v1/sessions") {
  TestServer server;
  auto answer = session_answer();
  answer.created = GENERATE(true, false);
  Recorder engine(*server.engine, answer);
  const auto response = server.ask(
      "POST /v1/sessions",
      R"({"id":"x","channel":"video","patient_id":"p1","doctor_id":"d1","external_ref":"e"})");
  CHECK(response.status == (answer.created ? 201 : 200));
  CHECK(response.body == session_json);
  const auto& command = engine.as<actors::StartSession>();
  CHECK(command.id == "x");
  CHECK_FALSE(command.id_is_new);
  CHECK(command.channel == billing::Channel::video);
  CHECK(command.patient == "p1");
  CHECK(command.doctor == "d1");
  CHECK(command.external_ref == "e");
}

TEST_CASE("POST /v1/sessions without an id: the server makes one") {
  TestServer server;
  Recorder engine(*server.engine, session_answer());
  const std::string body = R"({"channel":"text","patient_id":"p1","doctor_id":"d1"})";
  server.ask("POST /v1/sessions", body);
  const auto first = engine.as<actors::StartSession>();
  server.ask("POST /v1/sessions", body);
  CHECK(first.id_is_new);
  CHECK(first.id.size() == 26);
  CHECK(billing::valid_id(first.id));
  CHECK(engine.as<actors::StartSession>().id != first.id);
}

TEST_CASE("POST /v1/sessions/{id}/deduct") {
  TestServer server;
  auto answer = session_answer();
  answer.deducted = 1;
  answer.intervals_due = 2;
  Recorder engine(*server.engine, answer);
  const auto response =
      server.ask("POST /v1/sessions/x/deduct", R"({"triggered_by":"background_timer"})");
  CHECK(response.status == 200);
  CHECK(response.field("content-type") == "application/json");
  CHECK(response.body == R"({"deducted":1,"intervals_due":2,"session":)" + session_json + "}");
  CHECK(engine.as<actors::DeductUnits>().session == "x");
  CHECK(engine.as<actors::DeductUnits>().triggered_by == "background_timer");
}

TEST_CASE("POST /v1/sessions/{id}/end") {
  TestServer server;
  auto answer = session_answer();
  answer.deducted = 1;
  answer.manual_unit = true;
  answer.session.status = billing::Status::ended;
  answer.session.ended_at = new_year + 25 * 60'000;
  answer.session.ended_by = billing::Party::patient;
  answer.session.end_reason = billing::EndReason::hangup;
  answer.session.reason = "bye";
  answer.session.manual_applied = true;
  Recorder engine(*server.engine, answer);
  const auto response =
      server.ask("POST /v1/sessions/x/end", R"({"ended_by":"patient","reason":"bye"})");
  CHECK(response.status == 200);
  CHECK_THAT(response.body,
             Catch::StartsWith(
                 R"({"deducted":1,"manual_unit":true,"already_ended":false,"session":{"id":"x")"));
  CHECK_THAT(response.body,
             Catch::Contains(R"("ended_at":"2026-01-01T00:25:00.000Z","ended_by":"patient",)"
                             R"("end_reason":"hangup","reason":"bye")"));
  CHECK_THAT(response.body, Catch::Contains(R"("units_due":0)"));
  CHECK_THAT(response.body, Catch::Contains(R"("next_deduction_at":null)"));
  CHECK(engine.as<actors::EndSession>().by == billing::Party::patient);
  CHECK(engine.as<actors::EndSession>().reason == "bye");
  server.ask("POST /v1/sessions/x/end");
  CHECK(engine.as<actors::EndSession>().by == billing::Party::server);
  CHECK_FALSE(engine.as<actors::EndSession>().reason);
}

TEST_CASE("messages, activation and a look at a session") {
  TestServer server;
  Recorder engine(*server.engine, session_answer());
  CHECK(server.ask("POST /v1/sessions/x/messages", R"({"from":"doctor"})").body == session_json);
  CHECK(engine.as<actors::SendMessage>().from == billing::Party::doctor);
  CHECK(server.ask("POST /v1/sessions/x/activate").body == session_json);
  CHECK(engine.as<actors::ActivateSession>().session == "x");
  CHECK(server.ask("GET /v1/sessions/a%3Ab").body == session_json);
  CHECK(engine.as<actors::GetSession>().session == "a:b");
}

TEST_CASE("PUT /v1/subscriptions/{id}") {
  TestServer server;
  const bool created = GENERATE(true, false);
  Recorder engine(*server.engine, subscription_answer(created));
  const auto response =
      server.ask("PUT /v1/subscriptions/s1",
                 R"({"patient_id":"p1","members":["b","a","b"],"units":{"text":10},"plan":"gold",
          "starts_at":"2026-01-01T00:00:00Z","ends_at":"2026-01-02T00:00:00Z","rollover_days":3})");
  CHECK(response.status == (created ? 201 : 200));
  CHECK(response.body ==
        R"({"id":"s1","patient_id":"p1","members":["p2"],"plan":null,"payment_ref":"pay",)"
        R"("starts_at":"2026-01-01T00:00:00.000Z","ends_at":"2026-01-02T00:00:00.000Z",)"
        R"("rollover_days":0,"status":"active","units":{)"
        R"("text":{"granted":10,"taken":2,"refunded":0,"held":1,"free":7,"remaining":8},)"
        R"("voice":{"granted":0,"taken":0,"refunded":0,"held":0,"free":0,"remaining":0},)"
        R"("video":{"granted":0,"taken":0,"refunded":0,"held":0,"free":0,"remaining":0}}})");
  const auto& command = engine.as<actors::PutSubscription>();
  CHECK(command.members == std::vector<std::string>{"a", "b"});
  CHECK(command.units == billing::Units{10, 0, 0});
  CHECK(command.starts_at == new_year);
  CHECK(command.ends_at == new_year + 86'400'000);
  CHECK(command.rollover_days == 3);
  CHECK(command.plan == "gold");
  CHECK_FALSE(command.payment_ref);
}

TEST_CASE("the fingerprint of a subscription tells requests apart by content only") {
  TestServer server;
  Recorder engine(*server.engine, subscription_answer(true));
  const auto fingerprint = [&](const std::string& fields) {
    CHECK(server
              .ask("PUT /v1/subscriptions/s1",
                   R"({"patient_id":"p1","ends_at":"2026-01-02T00:00:00Z",)" + fields + "}")
              .status == 201);
    return engine.as<actors::PutSubscription>().fingerprint;
  };
  const auto plain = fingerprint(R"("units":{})");
  CHECK(fingerprint(R"( "members":[], "rollover_days":0, "units":{"text":0})") == plain);
  CHECK(fingerprint(R"("members":["a","b"],"units":{})") ==
        fingerprint(R"("members":["b","a","a"],"units":{})"));
  CHECK(fingerprint(R"("units":{"text":1})") != plain);
  CHECK(fingerprint(R"("units":{},"plan":"")") != plain);
  CHECK(fingerprint(R"("units":{},"payment_ref":"x")") != plain);
  CHECK(fingerprint(R"("units":{},"plan":"x")") != fingerprint(R"("units":{},"payment_ref":"x")"));
  CHECK(fingerprint(R"("units":{},"starts_at":"2026-01-01T00:00:00Z")") != plain);
}

TEST_CASE("the other routes of subscriptions") {
  TestServer server;
  Recorder engine(*server.engine, subscription_answer(false));
  CHECK(server.ask("GET /v1/subscriptions/s1").status == 200);
  CHECK(server.ask("PATCH /v1/subscriptions/s1", "{}").status == 200);
  CHECK_FALSE(engine.as<actors::PatchSubscription>().change.enabled);
  server.ask("PATCH /v1/subscriptions/s1", R"({"status":"disabled","members":["a"]})");
  CHECK(engine.as<actors::PatchSubscription>().change.enabled == false);
  CHECK(engine.as<actors::PatchSubscription>().change.members == std::vector<std::string>{"a"});
  CHECK(server.ask("POST /v1/subscriptions/s1/topups", R"({"units":{"voice":5}})").status == 201);
  CHECK(engine.as<actors::TopUpSubscription>().units == billing::Units{0, 5, 0});
}

TEST_CASE("a subscription is active, expired or disabled") {
  TestServer server;
  auto answer = subscription_answer(false);
  const auto shown = [&](billing::Instant at, bool enabled, int rollover_days) {
    answer.at = at;
    answer.subscription.enabled = enabled;
    answer.subscription.rollover_days = rollover_days;
    Recorder engine(*server.engine, answer);
    return server.ask("GET /v1/subscriptions/s1").body;
  };
  const auto end = answer.subscription.ends_at;
  CHECK_THAT(shown(end - 1, true, 0), Catch::Contains(R"("status":"active")"));
  CHECK_THAT(shown(end, true, 0), Catch::Contains(R"("status":"expired")"));
  CHECK_THAT(shown(end, false, 0), Catch::Contains(R"("status":"disabled")"));
  CHECK_THAT(shown(end, true, 1), Catch::Contains(R"("status":"active")") &&
                                      Catch::Contains(R"("ends_at":"2026-01-03T00:00:00.000Z")"));
}

TEST_CASE("balance, doctors and the clock") {
  TestServer server;
  {
    Recorder engine(*server.engine, actors::BalanceAnswer{"p1", {9, 10, 0}, {"s1", "s2"}});
    CHECK(server.ask("GET /v1/patients/p1/balance").body ==
          R"({"patient_id":"p1","units":{"text":9,"voice":10,"video":0},)"
          R"("subscriptions":["s1","s2"]})");
  }
  {
    Recorder engine(
        *server.engine,
        actors::DoctorAnswer{
            {.id = "d1", .currency = {}, .earned = 5, .withdrawn = 1, .pending = 1}, true});
    const auto response = server.ask("PUT /v1/doctors/d1", R"({"currency":"USD"})");
    CHECK(response.status == 201);
    CHECK(response.body == R"({"doctor_id":"d1","currency":"MWK"})");
    CHECK(engine.as<actors::PutDoctor>().currency->view() == "USD");
    server.ask("PUT /v1/doctors/d1");
    CHECK_FALSE(engine.as<actors::PutDoctor>().currency);
  }
  {
    Recorder engine(*server.engine, actors::ClockAnswer{new_year});
    CHECK(server.ask("POST /v1/test/clock", R"({"advance_ms":1000000000000})").body ==
          R"({"now":"2026-01-01T00:00:00.000Z"})");
    CHECK(engine.as<actors::AdvanceClock>().advance_ms == 1'000'000'000'000);
    CHECK(engine.as<actors::AdvanceClock>().run_timers);
    server.ask("POST /v1/test/clock", R"({"advance_ms":0,"run_timers":false})");
    CHECK_FALSE(engine.as<actors::AdvanceClock>().run_timers);
    CHECK(server.ask("GET /v1/test/clock").body == R"({"now":"2026-01-01T00:00:00.000Z"})");
    CHECK(is_command<actors::GetClock>(engine.last));
  }
}

TEST_CASE("lists have pages") {
  TestServer server;
  const auto path = GENERATE(as<std::string>(), "/v1/sessions", "/v1/doctors/known/wallet/entries");
  const std::string first = server.ask("GET " + path).body;
  CHECK_THAT(first, Catch::StartsWith(R"({"items":[{)"));
  const std::string cursor = next_cursor(first);
  CHECK_THAT(cursor, Catch::StartsWith("next-"));
  CHECK_THAT(server.ask("GET " + path + "?cursor=" + cursor + "&limit=1").body,
             Catch::EndsWith(R"("next_cursor":null})"));
  const std::string cut = cursor.substr(0, cursor.size() - 1);
  for (const std::string& bad : {std::string("next"), std::string("-"), cut, "x" + cursor}) {
    const auto response = server.ask("GET " + path + "?cursor=" + bad);
    CHECK(response.status == 400);
    CHECK_THAT(response.body, Catch::Contains("invalid_request"));
  }
}

TEST_CASE("a cursor belongs to one list under one filter") {
  TestServer server;
  const std::vector<std::string> lists{"/v1/sessions?limit=1",
                                       "/v1/sessions?limit=1&patient_id=a",
                                       "/v1/sessions?limit=1&doctor_id=a",
                                       "/v1/sessions?limit=1&patient_id=a&doctor_id=b",
                                       "/v1/sessions?limit=1&status=active",
                                       "/v1/sessions?limit=1&status=waiting",
                                       "/v1/doctors/known/wallet/entries?limit=1",
                                       "/v1/doctors/other/wallet/entries?limit=1",
                                       "/v1/sessions/known/statement?limit=1"};
  for (const std::string& of : lists) {
    if (of.find("other") != of.npos) continue;  // has no page
    const std::string cursor = next_cursor(server.ask("GET " + of).body);
    for (const std::string& to : lists) {
      INFO(of << " to " << to);
      CHECK(server.ask("GET " + to + "&cursor=" + cursor).status == (of == to ? 200 : 400));
    }
  }
}

TEST_CASE("wallet entries") {
  TestServer server;
  CHECK_THAT(server.ask("GET /v1/doctors/known/wallet/entries").body,
             Catch::Contains(R"({"seq":9,"at":"2026-01-01T00:00:00.000Z","kind":"earning",)"
                             R"("amount":350000,"currency":"MWK","session_id":"x",)"
                             R"("subscription_id":"s1","units":1,"payment_ref":"pay-1"})"));
  const auto response = server.ask("GET /v1/doctors/unknown/wallet/entries");
  CHECK(response.status == 404);
  CHECK_THAT(response.body, Catch::Contains("doctor_not_found"));
}

TEST_CASE("a statement has all lines of all pages") {
  TestServer server;
  const auto response = server.ask("GET /v1/sessions/known/statement");
  CHECK_THAT(response.body, Catch::StartsWith(R"({"session":{"id":"known")"));
  CHECK_THAT(
      response.body,
      Catch::Contains(R"("lines":[{"seq":7,"at":"2026-01-01T00:10:00.000Z","kind":"interval",)"
                      R"("interval":1,"units":1,"subscription_id":"s1",)"
                      R"("pay":{"amount":350000,"currency":"MWK"},"triggered_by":"timer",)"
                      R"("policy_version":1},{"seq":8,"at":"2026-01-01T00:10:00.000Z",)"
                      R"("kind":"forgiven","interval":2,"units":0,"subscription_id":null,)"
                      R"("pay":{"amount":0,"currency":"MWK"},"triggered_by":"recovery",)"
                      R"("policy_version":1}],"next_cursor":null})"));
  CHECK(server.ask("GET /v1/sessions/unknown/statement").status == 404);
}

TEST_CASE("the event feed shows every kind of fact") {
  TestServer server;
  using namespace billing;
  const std::vector<Fact> facts{Granted{},        Changed{"s1", 2, true, {}, {}, {}},
                                ToppedUp{},       DoctorRegistered{},
                                Created{},        DeadlineSet{},
                                Activated{},      Charged{},
                                Forgiven{},       Ended{},
                                PolicyRecorded{}, OutageBegan{},
                                OutageJudged{},   Ready{}};
  for (const Fact& fact : facts) {
    server.engine->append(fact);
  }
  const auto all = server.ask("GET /v1/events");
  CHECK(all.status == 200);
  CHECK_THAT(all.body, Catch::StartsWith(R"({"items":[{"seq":1,"at":"2026-01-01T00:00:00.000Z",)"
                                         R"("type":"granted")") &&
                           Catch::EndsWith(R"("type":"ready"}],"next_after":14})"));
  CHECK(server.ask("GET /v1/events?after=13&limit=500").body ==
        R"({"items":[{"seq":14,"at":"2026-01-01T00:00:00.000Z","type":"ready"}],"next_after":14})");
  CHECK(server.ask("GET /v1/events?after=1&limit=1").body ==
        R"({"items":[{"seq":2,"at":"2026-01-01T00:00:00.000Z","type":"changed",)"
        R"("subscription_id":"s1","status":"active"}],"next_after":2})");
  CHECK(server.ask("GET /v1/events?after=99").body == R"({"items":[],"next_after":99})");
}

TEST_CASE("health and metrics") {
  TestServer server;
  CHECK(server.ask("GET /livez").body == R"({"status":"ok"})");
  CHECK(server.ask("GET /readyz").status == 200);
  server.ask("GET /nowhere");
  server.engine->answers = [](const actors::Command&) {
    return billing::Refusal::idempotency_key_reused;
  };
  server.ask("GET /v1/sessions/s1");
  const auto metrics = server.ask("GET /metrics");
  CHECK(metrics.field("content-type") == "text/plain; version=0.0.4; charset=utf-8");
  CHECK_THAT(metrics.body, Catch::Contains(R"(toll_requests_total{method="GET",route="/livez",)"
                                           R"(status="200"} 1)"));
  CHECK_THAT(metrics.body, Catch::Contains(R"(route="unmatched",status="404"} 1)"));
  CHECK_THAT(metrics.body, Catch::Contains(R"(route="/v1/sessions/{id}",status="422"} 1)"));
}
