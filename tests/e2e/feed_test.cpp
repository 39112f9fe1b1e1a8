// Who reads the feed alone knows every balance: a scenario with every kind of fact, folded by a
// ledger from docs/EVENTS.md, by pages and by the stream, and compared with what the server
// answers.
#include <catch2/catch.hpp>
#include <fstream>
#include <regex>

#include "tests/e2e/api.hpp"
#include "tests/e2e/ledger.hpp"
#include "tests/support/event_client.hpp"

using namespace toll::test;

namespace {

/// Fields of each type, as the table in docs/EVENTS.md has them; an optional one ends in `?`.
std::map<std::string, std::set<std::string>> documented() {
  std::map<std::string, std::set<std::string>> types;
  std::ifstream page(EVENTS_PATH);
  const std::regex row(R"(\| (`[^|]*`) \|([^|]*)\|.*)");
  const std::regex word("`([a-z_?]+)`");
  const auto words = [&](const std::string& text) {
    std::set<std::string> found;
    for (std::sregex_iterator at(text.begin(), text.end(), word), end; at != end; ++at) {
      found.insert((*at)[1]);
    }
    return found;
  };
  std::smatch cells;
  for (std::string line; std::getline(page, line);) {
    if (!std::regex_match(line, cells, row)) continue;
    for (const auto& type : words(cells[1])) types[type] = words(cells[2]);
  }
  return types;
}

void check_fields(const Json& event, const std::map<std::string, std::set<std::string>>& types) {
  INFO(event.dump());
  const auto type = types.find(event["type"].get<std::string>());
  REQUIRE(type != types.end());
  std::set<std::string> fields = type->second;
  for (const auto& [name, value] : event.items()) {
    if (name == "seq" || name == "at" || name == "type") continue;
    CHECK(fields.erase(name) + fields.erase(name + "?") == 1);
  }
  for (const auto& left : fields) CHECK(left.back() == '?');
}

Json ok(const Reply& reply, int status = 200) {
  INFO(reply.body.dump());
  REQUIRE(reply.status == status);
  return reply.body;
}

std::string withdraw(Api& api, const std::string& doctor, int amount, const std::string& currency) {
  return ok(api.post("/v1/doctors/" + doctor + "/withdrawals",
                     {{"amount", amount}, {"currency", currency}}),
            201)["id"];
}

void move(Api& api, const std::string& withdrawal, const std::string& how) {
  REQUIRE(api.client().post("/v1/withdrawals/" + withdrawal + "/" + how).status == 200);
}

void refund(Api& api, const std::string& session, int units) {
  ok(api.post("/v1/sessions/" + session + "/refunds", {{"units", units}, {"reason", "sorry"}}),
     201);
}

/// Sessions of every kind and end, before the outage. Takes 72 minutes.
void a_morning(Api& api) {
  api.grant("old", "p1", 2, {{"starts_at", "2025-12-01T00:00:00Z"}, {"payment_ref", "ref-1"}});
  api.grant("new", "p1", 9, {{"starts_at", "2025-12-20T00:00:00Z"}, {"plan", "gold"}});
  api.grant("last", "p2", 2);
  ok(api.patch("/v1/subscriptions/last", {{"status", "disabled"}, {"members", {"p3"}}}));
  ok(api.patch("/v1/subscriptions/last", {{"status", "active"}, {"ends_at", far_end}}));
  ok(api.post("/v1/subscriptions/last/topups", {{"units", {{"video", 3}}}}), 201);
  ok(api.put("/v1/doctors/d2", {{"currency", "USD"}}), 201);

  api.open("two-payers", "voice", "p1", "d1");
  api.open("exhausted", "text", "p3", "d2");
  api.advance(25 * minute_ms);
  api.end("two-payers", "doctor");
  api.start("missed", "voice", "p1", "d1");
  api.advance(2 * minute_ms);
  api.start("unanswered", "text", "p1", "d1");
  ok(api.post("/v1/sessions/unanswered/messages", {{"from", "patient"}}));
  api.advance(10 * minute_ms);
  api.start("cancelled", "video", "p1", "d1");
  api.end("cancelled");
  api.open("short", "voice", "p1", "d1");
  api.advance(30 * second_ms);
  api.end("short");
  REQUIRE(api.session("two-payers")["manual_deduction_applied"] == true);
  REQUIRE(api.session("exhausted")["end_reason"] == "exhausted");
  REQUIRE(api.session("missed")["status"] == "missed");
  REQUIRE(api.session("unanswered")["status"] == "expired");
  REQUIRE(api.session("short")["sessions_used"] == 0);

  refund(api, "two-payers", 2);  // one unit of each subscription
  move(api, withdraw(api, "d1", 1, "MWK"), "reject");
  const std::string paid = withdraw(api, "d1", 2, "MWK");
  move(api, paid, "approve");
  move(api, paid, "pay");
  withdraw(api, "d1", 4, "MWK");
  move(api, withdraw(api, "d2", 8, "USD"), "approve");

  api.open("through-outage", "video", "p1", "d1");
  api.advance(34 * minute_ms + 30 * second_ms, false);
  api.client().set_header("Idempotency-Key", "once");
  ok(api.post("/v1/deductions", {{"items", {{{"session_id", "through-outage"}}}}}));
  api.client().set_header("Idempotency-Key", "again");
  api.advance(1);
}

/// Compares what was folded with what the server says about the same things.
void compare(const Ledger& ledger, Api& api) {
  REQUIRE(ledger.subscriptions.size() == 3);
  for (const auto& [id, folded] : ledger.subscriptions) {
    const Json told = ok(api.get("/v1/subscriptions/" + id));
    INFO(id << " " << told.dump());
    CHECK(told["units"] == folded["units"]);
    CHECK((told["status"] != "disabled") == folded["enabled"].get<bool>());
    for (const char* field : {"patient_id", "members", "starts_at", "ends_at", "plan",
                              "payment_ref", "rollover_days"}) {
      CHECK(told[field] == folded[field]);
    }
  }
  REQUIRE(ledger.doctors.size() == 3);
  for (const auto& [id, folded] : ledger.doctors) {
    Json wallet = folded;
    wallet["doctor_id"] = id;
    wallet["balance"] = folded["earned"].get<std::int64_t>() -
                        folded["withdrawn"].get<std::int64_t>() -
                        folded["pending"].get<std::int64_t>();
    CHECK(api.wallet(id) == wallet);
  }
  const Json sessions = ok(api.get("/v1/sessions?limit=500"))["items"];
  REQUIRE(sessions.size() == ledger.sessions.size());
  for (const Json& told : sessions) {
    const Json& folded = ledger.sessions.at(told["id"]);
    for (const auto& [field, value] : folded.items()) {
      INFO(told["id"] << " " << field);
      CHECK(told[field] == value);
    }
  }
  for (const auto& [id, folded] : ledger.withdrawals) {
    // There is no route to ask: what is refused tells where it stands.
    const bool may_pay = folded["status"] == "approved";
    INFO(id << " " << folded.dump());
    if (!may_pay) CHECK(api.post("/v1/withdrawals/" + id + "/pay").code() == "invalid_transition");
  }
}

}  // namespace

TEST_CASE("a consumer that folds the feed rebuilds every balance, by pages and by the stream") {
  TempDir files;
  const std::string policy = write_file(files / "policy.json", R"({"downtime_policy": "forgive"})");
  TestServer toll({"--policy", policy});
  a_morning(toll.api());
  write_file(policy, R"({"downtime_policy": "forgive", "interval_s": 300})");
  toll.crash_and_restart(120 * minute_ms);
  Api& api = toll.api();
  REQUIRE(api.session("through-outage")["auto_deductions_processed"] >
          api.session("through-outage")["sessions_used"]);
  api.open("new-policy", "voice", "p2", "d3");
  api.advance(6 * minute_ms);

  const auto types = documented();
  Ledger by_pages;
  for (bool more = true; more;) {
    const Json page = ok(api.get("/v1/events?limit=7&after=" + std::to_string(by_pages.last())));
    for (const Json& event : page["items"]) {
      check_fields(event, types);
      by_pages.add(event);
    }
    more = !page["items"].empty();
  }
  // What an operator decides on the command line; the tests of those commands look at these events.
  const std::set<std::string> of_operators{"outage_judged", "history_given_up", "clock_accepted",
                                           "clock_resumed"};
  for (const auto& [type, fields] : types) {
    INFO("no event of type " << type);
    CHECK((by_pages.types().count(type) == 1 || of_operators.count(type) == 1));
  }
  for (const std::string& type : of_operators) CHECK(types.count(type) == 1);
  compare(by_pages, api);

  Ledger by_stream;
  EventClient stream(toll.server().port(), "");
  while (by_stream.last() < by_pages.last()) by_stream.add(Json::parse(stream.next().data));
  CHECK(by_stream.subscriptions == by_pages.subscriptions);
  CHECK(by_stream.policies.at(2)["interval_s"] == 300);
  compare(by_stream, api);

  // And on, while things happen.
  api.advance(10 * minute_ms);
  api.end("through-outage");
  api.end("new-policy");
  while (by_stream.last() < api.last_seq()) by_stream.add(Json::parse(stream.next().data));
  compare(by_stream, api);
}
