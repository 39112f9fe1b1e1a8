// Refunds and withdrawals over HTTP: what each answers, what is left in wallets and subscriptions,
// and that what was acknowledged survives kill -9.
#include <signal.h>

#include <catch2/catch.hpp>

#include "tests/e2e/api.hpp"

using namespace toll::test;

namespace {

void refused(const Reply& reply, int status, const std::string& code) {
  INFO(reply.body.dump());
  CHECK(reply.status == status);
  CHECK(reply.code() == code);
}

/// Session "c1" of doctor "d1" takes all `units` of "s1", and ends of it.
void payday(Api& api, int units) {
  api.grant("s1", "p1", units);
  api.open("c1", "voice", "p1", "d1");
  api.advance(units * 10 * minute_ms);
  REQUIRE(api.session("c1")["end_reason"] == "exhausted");
  REQUIRE(api.wallet("d1")["balance"] == units * rate);
}

Reply withdraw(Api& api, std::int64_t amount) {
  return api.post("/v1/doctors/d1/withdrawals", {{"amount", amount}, {"currency", "MWK"}});
}

Reply refund(Api& api, const std::string& session, int units) {
  return api.post("/v1/sessions/" + session + "/refunds", {{"units", units}, {"reason", "sorry"}});
}

Reply move(Api& api, const std::string& withdrawal, const std::string& how) {
  const Response answer =
      api.client().request("POST", "/v1/withdrawals/" + withdrawal + "/" + how, "", "");
  return {answer.status, Json::parse(answer.body, nullptr, false), answer.headers};
}

std::string withdrawn(Api& api, std::int64_t amount) {
  const Reply made = withdraw(api, amount);
  INFO(made.body.dump());
  REQUIRE(made.status == 201);
  return made.body["id"];
}

void verify(TestServer& toll) {
  CHECK(toll.server().stop(SIGTERM) == 0);
  const Finished verified = run({tollctl_path(), "verify", "--data", toll.data()});
  INFO(verified.output << verified.errors);
  CHECK(verified.status == 0);
}

}  // namespace

TEST_CASE("a withdrawal from request to payment") {
  TestServer toll;
  Api& api = toll.api();
  payday(api, 3);
  const Reply made = withdraw(api, 2 * rate);
  REQUIRE(made.status == 201);
  CHECK(made.body == Json{{"id", made.body["id"]},
                          {"doctor_id", "d1"},
                          {"amount", 2 * rate},
                          {"currency", "MWK"},
                          {"status", "requested"},
                          {"requested_at", clock_time(30 * minute_ms)},
                          {"changed_at", clock_time(30 * minute_ms)}});
  const std::string id = made.body["id"];
  CHECK(api.wallet("d1") == Json{{"doctor_id", "d1"},
                                 {"currency", "MWK"},
                                 {"balance", rate},
                                 {"earned", 3 * rate},
                                 {"withdrawn", 0},
                                 {"pending", 2 * rate}});
  api.advance(minute_ms);
  const Reply approved = move(api, id, "approve");
  CHECK(approved.status == 200);
  CHECK(approved.body["status"] == "approved");
  CHECK(approved.body["changed_at"] == clock_time(31 * minute_ms));
  CHECK(approved.body["requested_at"] == clock_time(30 * minute_ms));
  CHECK(move(api, id, "pay").body["status"] == "paid");
  for (const std::string how : {"approve", "reject", "pay"}) {
    refused(move(api, id, how), 409, "invalid_transition");
  }
  CHECK(api.wallet("d1")["withdrawn"] == 2 * rate);
  CHECK(api.wallet("d1")["pending"] == 0);
  CHECK(api.wallet("d1")["balance"] == rate);

  const std::string other = withdrawn(api, rate);
  refused(move(api, other, "pay"), 409, "invalid_transition");
  CHECK(move(api, other, "reject").body["status"] == "rejected");
  refused(move(api, other, "approve"), 409, "invalid_transition");
  CHECK(api.wallet("d1")["balance"] == rate);
  CHECK(api.wallet("d1")["earned"] == 3 * rate);
  verify(toll);
}

TEST_CASE("withdrawals that are refused write nothing") {
  TestServer toll;
  Api& api = toll.api();
  payday(api, 2);
  const std::uint64_t before = api.last_seq();
  const Json body{{"amount", 1}, {"currency", "MWK"}};
  refused(api.post("/v1/doctors/nobody/withdrawals", body), 404, "doctor_not_found");
  refused(api.post("/v1/doctors/d1/withdrawals", {{"amount", 1}, {"currency", "USD"}}), 409,
          "currency_mismatch");
  refused(withdraw(api, 2 * rate + 1), 409, "insufficient_balance");
  refused(withdraw(api, std::numeric_limits<std::int64_t>::max()), 409, "insufficient_balance");
  for (const std::string how : {"approve", "reject", "pay"}) {
    refused(move(api, "nothing", how), 404, "withdrawal_not_found");
  }
  CHECK(api.last_seq() == before);
  withdrawn(api, 2 * rate);
  refused(withdraw(api, 1), 409, "insufficient_balance");
  verify(toll);
}

TEST_CASE("a refund gives units back, newest first, and takes the pay back") {
  TestServer toll;
  Api& api = toll.api();
  api.grant("older", "p1", 1, {{"starts_at", "2025-12-01T00:00:00Z"}, {"payment_ref", "ref-1"}});
  api.grant("newer", "p1", 9, {{"starts_at", "2025-12-20T00:00:00Z"}});
  api.open("c1", "voice", "p1", "d1");
  refused(refund(api, "c1", 1), 409, "refund_exceeds_charge");
  api.advance(30 * minute_ms);
  const Reply given = refund(api, "c1", 3);
  REQUIRE(given.status == 201);
  CHECK(given.body["refunded"] == 3);
  CHECK(given.body["session"]["units_refunded"] == 3);
  CHECK(given.body["session"]["sessions_used"] == 3);
  CHECK(given.body["session"]["status"] == "active");
  CHECK(api.units("older", "voice")["refunded"] == 1);
  CHECK(api.units("newer", "voice")["refunded"] == 2);
  CHECK(api.wallet("d1")["balance"] == 0);
  CHECK(api.wallet("d1")["earned"] == 0);
  refused(refund(api, "c1", 1), 409, "refund_exceeds_charge");
  refused(refund(api, "nobody", 1), 404, "session_not_found");

  const Json lines = api.lines("c1");
  REQUIRE(lines.size() == 6);
  for (std::size_t i = 3; i < 6; ++i) {
    CHECK(lines[i]["kind"] == "refund");
    CHECK(lines[i]["interval"].is_null());
    CHECK(lines[i]["units"] == 1);
    CHECK(lines[i]["subscription_id"] == (i < 5 ? "newer" : "older"));
    CHECK(lines[i]["pay"] == Json{{"amount", -rate}, {"currency", "MWK"}});
  }
  const Json entries = api.get("/v1/doctors/d1/wallet/entries").body["items"];
  CHECK(entries[0]["kind"] == "refund");
  CHECK(entries[0]["amount"] == -rate);
  CHECK(entries[0]["payment_ref"] == "ref-1");
  CHECK(entries[1]["amount"] == -2 * rate);
  CHECK(entries[1]["units"] == 2);
  std::int64_t sum = 0;
  for (const Json& entry : entries) sum += entry["amount"].get<std::int64_t>();
  CHECK(sum == 0);
  verify(toll);
}

TEST_CASE("a refund to an expired or disabled subscription is recorded, and stays unusable") {
  TestServer toll;
  Api& api = toll.api();
  payday(api, 2);
  const bool expired = GENERATE(true, false);
  if (expired) {
    api.patch("/v1/subscriptions/s1", {{"ends_at", clock_time(21 * minute_ms)}});
    api.advance(2 * minute_ms);
  } else {
    api.patch("/v1/subscriptions/s1", {{"status", "disabled"}});
  }
  CHECK(refund(api, "c1", 2).status == 201);
  CHECK(api.units("s1", "voice")["refunded"] == 2);
  CHECK(api.get("/v1/subscriptions/s1").body["status"] == (expired ? "expired" : "disabled"));
  refused(api.post("/v1/sessions", start_body("c2", "voice", "p1", "d1")), 402, "no_units");
  CHECK(api.session("c1")["status"] == "ended");
  if (!expired) {
    api.patch("/v1/subscriptions/s1", {{"status", "active"}});
    api.start("c2", "voice", "p1", "d1");
  }
  verify(toll);
}

TEST_CASE("what was withdrawn before a refund is a debt that later earnings pay first") {
  TestServer toll;
  Api& api = toll.api();
  payday(api, 2);
  const std::string id = withdrawn(api, 2 * rate);
  move(api, id, "approve");
  move(api, id, "pay");
  CHECK(refund(api, "c1", 2).status == 201);
  CHECK(api.wallet("d1")["balance"] == -2 * rate);
  refused(withdraw(api, 1), 409, "insufficient_balance");
  api.grant("s2", "p1", 3);
  api.open("c2", "voice", "p1", "d1");
  api.advance(20 * minute_ms);
  CHECK(api.wallet("d1")["balance"] == 0);
  refused(withdraw(api, 1), 409, "insufficient_balance");
  api.advance(10 * minute_ms);
  withdrawn(api, rate);
  CHECK(api.wallet("d1")["balance"] == 0);
  verify(toll);
}

TEST_CASE("kill -9 keeps every acknowledged withdrawal, move and refund") {
  TestServer toll;
  payday(toll.api(), 5);
  const std::int64_t later = 50 * minute_ms;
  const std::string id = withdrawn(toll.api(), rate);
  toll.crash_and_restart(later);
  CHECK(toll.api().wallet("d1")["pending"] == rate);
  CHECK(move(toll.api(), id, "approve").status == 200);
  toll.crash_and_restart(later);
  CHECK(move(toll.api(), id, "pay").status == 200);
  toll.crash_and_restart(later);
  refused(move(toll.api(), id, "pay"), 409, "invalid_transition");
  CHECK(toll.api().wallet("d1")["withdrawn"] == rate);
  CHECK(refund(toll.api(), "c1", 2).status == 201);
  toll.crash_and_restart(later);
  CHECK(toll.api().session("c1")["units_refunded"] == 2);
  CHECK(toll.api().units("s1", "voice")["refunded"] == 2);
  CHECK(toll.api().wallet("d1")["balance"] == 2 * rate);
  refused(refund(toll.api(), "c1", 4), 409, "refund_exceeds_charge");
  verify(toll);
}

TEST_CASE("the feed tells of money back and money out") {
  TestServer toll;
  Api& api = toll.api();
  payday(api, 2);
  const std::uint64_t before = api.last_seq();
  const std::string paid = withdrawn(api, 1);
  move(api, paid, "approve");
  move(api, paid, "pay");
  const std::string back = withdrawn(api, 2);
  move(api, back, "reject");
  refund(api, "c1", 1);
  const Json items = api.get("/v1/events?after=" + std::to_string(before)).body["items"];
  std::vector<std::string> types;
  for (const Json& item : items) types.push_back(item["type"]);
  CHECK(types == std::vector<std::string>{"withdrawal_requested", "withdrawal_approved",
                                          "withdrawal_paid", "withdrawal_requested",
                                          "withdrawal_rejected", "refunded"});
  CHECK(items[0]["withdrawal_id"] == paid);
  CHECK(items[4]["withdrawal_id"] == back);
  CHECK(items[5]["session_id"] == "c1");
  CHECK(items[5]["subscription_id"] == "s1");
  CHECK(items[5]["units"] == 1);
  CHECK(items[5]["reason"] == "sorry");
}
