// What patients and doctors may do beyond the matrix, and the life of a token.
#include "tests/e2e/access.hpp"

#include <signal.h>

#include <catch2/catch.hpp>

using namespace toll::test;

namespace {

Finished tollctl(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {tollctl_path(), "token"});
  return run(arguments);
}

}  // namespace

TEST_CASE("patients and doctors speak for themselves only") {
  GuardedServer toll;
  Api& admin = toll.admin();
  admin.grant("s1", "p1", 100, {{"members", {"p2"}}});
  admin.grant("s9", "p9", 100);
  admin.start("t1", "text", "p1", "d1");
  admin.open("c1", "voice", "p1", "d2");
  admin.advance(25 * minute_ms, false);
  admin.start("c9", "voice", "p9", "d9");
  struct Try {
    std::string role, route, body;
    int status;
  };
  const std::vector<Try> tries{
      // In another's name.
      {"patient:p1", "POST /v1/sessions",
       R"({"channel":"voice","patient_id":"p9","doctor_id":"d3"})", 403},
      {"patient:p9", "POST /v1/sessions",
       R"({"id":"c1","channel":"voice","patient_id":"p9","doctor_id":"d2"})", 403},
      {"patient:p9", "POST /v1/sessions",
       R"({"id":"c1","channel":"voice","patient_id":"p1","doctor_id":"d2"})", 403},
      {"doctor:d1", "POST /v1/sessions",
       R"({"channel":"voice","patient_id":"p9","doctor_id":"d1"})", 403},
      {"patient:p1", "POST /v1/sessions/t1/messages", R"({"from":"doctor"})", 403},
      {"doctor:d1", "POST /v1/sessions/t1/messages", R"({"from":"patient"})", 403},
      {"patient:p1", "POST /v1/sessions/t1/end", R"({"ended_by":"doctor"})", 403},
      {"patient:p1", "POST /v1/sessions/t1/end", R"({"ended_by":"server"})", 403},
      {"doctor:d1", "POST /v1/sessions/t1/end", R"({"ended_by":"patient"})", 403},
      // On another's session, due or not, and on one that does not exist.
      {"patient:p9", "POST /v1/sessions/c1/end", "", 403},
      {"patient:p9", "POST /v1/sessions/c1/deduct", "", 403},
      {"patient:p9", "POST /v1/sessions/c1/messages", R"({"from":"patient"})", 403},
      {"patient:p9", "GET /v1/sessions/c1", "", 403},
      {"patient:p9", "GET /v1/sessions/c1/statement", "", 403},
      {"doctor:d9", "POST /v1/sessions/c1/end", "", 403},
      {"doctor:d9", "POST /v1/sessions/c1/activate", "", 403},
      {"doctor:d9", "GET /v1/sessions/c1/statement", "", 403},
      {"patient:p1", "GET /v1/sessions/none", "", 403},
      {"patient:p1", "GET /v1/sessions/none/statement", "", 403},
      {"patient:p1", "POST /v1/sessions/none/end", "", 403},
      {"patient:p1", "GET /v1/subscriptions/none", "", 403},
      {"service", "GET /v1/sessions/none", "", 404},
      // Ids of the other kind are others.
      {"patient:p1", "GET /v1/doctors/p1/wallet", "", 403},
      {"doctor:d1", "GET /v1/patients/d1/balance", "", 403},
      {"doctor:d1", "GET /v1/subscriptions/s1", "", 403},
      // Lists.
      {"patient:p1", "GET /v1/sessions?patient_id=p9", "", 403},
      {"doctor:d1", "GET /v1/sessions?doctor_id=d9", "", 403},
      {"patient:p1", "GET /v1/sessions?doctor_id=d9", "", 200},
      // Malformed comes before forbidden, forbidden before unknown.
      {"patient:p9", "POST /v1/sessions/c1/refunds", "{}", 400},
      {"patient:p9", "PUT /v1/subscriptions/s9", "{}", 400},
      {"patient:p9", "GET /v1/sessions/c%201", "", 400},
      {"patient:p9", "GET /v1/nothing", "", 404},
      {"patient:p9", "POST /v1/livez", "", 404},
      {"doctor:d1", "POST /v1/withdrawals/none/pay", "", 403},
      {"doctor:d1", "GET /v1/doctors/d1/wallet", "", 200},
      {"doctor:d1", "POST /v1/doctors/d1/withdrawals", R"({"amount":1,"currency":"MWK"})", 409},
  };
  const std::uint64_t head = admin.last_seq();
  for (const Try& attempt : tries) {
    const std::size_t space = attempt.route.find(' ');
    const Response response =
        toll.as(attempt.role)
            .client()
            .request(attempt.route.substr(0, space), attempt.route.substr(space + 1), attempt.body);
    INFO(attempt.role << " " << attempt.route << " " << attempt.body << ": " << response.body);
    CHECK(response.status == attempt.status);
    CHECK(admin.last_seq() == head);
  }
  for (const std::string role : {"patient:p1", "patient:p9", "doctor:d9"}) {
    const Json page = toll.as(role).get("/v1/sessions").body;
    INFO(role << page.dump());
    REQUIRE(page["items"].size() == (role == "patient:p1" ? 2 : 1));
    CHECK(page["items"][0]["id"] == (role == "patient:p1" ? "t1" : "c9"));
  }
}

TEST_CASE("a patient and a doctor live through a session with their own tokens") {
  GuardedServer toll;
  toll.admin().grant("s1", "p1", 10);
  Api& patient = toll.as("patient:p1");
  Api& doctor = toll.as("doctor:d1");
  patient.start("c1", "text", "p1", "d1");
  CHECK(patient.post("/v1/sessions", start_body("c1", "text", "p1", "d1")).status == 200);
  CHECK(patient.post("/v1/sessions/c1/messages", {{"from", "patient"}}).status == 200);
  CHECK(doctor.post("/v1/sessions/c1/messages", {{"from", "doctor"}}).status == 200);
  toll.admin().advance(25 * minute_ms, false);
  CHECK(patient.deduct("c1")["deducted"] == 2);
  CHECK(doctor.deduct("c1")["deducted"] == 0);
  const Reply ended = doctor.post("/v1/sessions/c1/end");
  CHECK(ended.body["session"]["ended_by"] == "doctor");
  CHECK(patient.lines("c1").size() == 3);
  CHECK(patient.get("/v1/patients/p1/balance").body["units"]["text"] == 7);
  CHECK(patient.units("s1", "text")["free"] == 7);
  CHECK(doctor.wallet("d1")["balance"] == 3 * rate);
  const Json asked{{"amount", rate}, {"currency", "MWK"}};
  const Reply withdrawal = doctor.post("/v1/doctors/d1/withdrawals", asked);
  CHECK(withdrawal.status == 201);
  CHECK(doctor.get("/v1/doctors/d1/wallet/entries").body["items"].size() == 3);
}

TEST_CASE(
    "a member sees what a subscription gives him and nothing of the others, until he may not") {
  GuardedServer toll;
  Api& owner = toll.as("patient:p1");
  Api& member = toll.as("patient:p9");
  const std::string path = "/v1/subscriptions/s1";
  toll.admin().grant("s1", "p1", 10,
                     {{"members", {"p2", "p9"}}, {"plan", "gold"}, {"payment_ref", "card 7"}});
  toll.admin().start("c1", "voice", "p1", "d1");
  const Json free{{"text", {{"free", 10}}}, {"voice", {{"free", 9}}}, {"video", {{"free", 10}}}};
  const Json whole = owner.get(path).body;
  CHECK(member.get(path).body == Json{{"id", "s1"},
                                      {"starts_at", whole["starts_at"]},
                                      {"ends_at", whole["ends_at"]},
                                      {"status", "active"},
                                      {"units", free}});
  CHECK(whole["members"] == Json{"p2", "p9"});
  CHECK(whole["payment_ref"] == "card 7");
  CHECK(whole["units"]["voice"]["held"] == 1);
  for (const std::string role : {"admin", "service", "read"}) {
    CHECK(toll.as(role).get(path).body == whole);
  }
  // An owner who is on his own list as well stays the owner.
  CHECK(toll.admin().patch(path, {{"members", {"p1", "p9"}}, {"status", "disabled"}}).status ==
        200);
  CHECK(owner.get(path).body["members"] == Json{"p1", "p9"});
  CHECK(member.get(path).body["status"] == "disabled");
  CHECK(toll.admin().patch("/v1/subscriptions/s1", {{"members", Json::array()}}).status == 200);
  CHECK(member.get("/v1/subscriptions/s1").status == 403);
}

TEST_CASE("a server without tokens refuses everybody until one is made") {
  TempDir dir;
  Server server(dir / "data", {}, false);
  CHECK(server.errors().find("no_tokens") != std::string::npos);
  CHECK(Api(server).get("/v1/sessions/none").status == 401);
  const std::string clinic = make_token(dir / "data", "clinic", "service");
  Api other = with_token(server, make_token(dir / "data", "other", "read"));
  CHECK(comes_to(with_token(server, clinic), 404));
  revoke_token(dir / "data", "clinic");
  CHECK(comes_to(with_token(server, clinic), 401));
  CHECK(other.get("/v1/sessions/none").status == 404);

  const auto file = dir / "data" / "tokens";
  write_file(file, "broken");
  const auto until = std::chrono::steady_clock::now() + patience;
  while (server.errors().find("tokens_unusable") == std::string::npos) {
    REQUIRE(std::chrono::steady_clock::now() < until);
    REQUIRE(other.get("/v1/sessions/none").status == 404);
  }
  CHECK(other.get("/v1/sessions/none").status == 404);
  CHECK(server.stop(SIGTERM) == 0);
  const Finished again = run({tolld_path(), "--data", dir / "data", "--listen", "127.0.0.1:0"});
  CHECK(again.status != 0);
  CHECK(again.errors.find("does not begin with toll-tokens 1") != std::string::npos);
}

TEST_CASE("tollctl token makes, lists and revokes, and says what is wrong") {
  TempDir dir;
  const std::string file = dir / "who";
  const Finished made =
      tollctl({"create", "--token-file", file, "--name", "phone", "--role", "patient:p1"});
  REQUIRE(made.status == 0);
  CHECK(made.output.starts_with("toll_"));
  CHECK(made.output.size() == 83);
  CHECK(made.errors.find("only time") != std::string::npos);
  const Finished listed = tollctl({"list", "--token-file", file});
  CHECK(listed.output.find("phone") != std::string::npos);
  CHECK(listed.output.find("patient:p1") != std::string::npos);
  CHECK(listed.output.find(made.output.substr(18, 64)) == std::string::npos);

  Server server(dir / "data", {"--token-file", file}, false);
  Api phone = with_token(server, made.output.substr(0, 82));
  CHECK(phone.get("/v1/patients/p1/balance").status == 200);

  const std::string where = "--token-file";
  const std::vector<std::vector<std::string>> wrong{
      {"create", where, file, "--name", "phone", "--role", "read"},
      {"create", where, file, "--name", "a b", "--role", "read"},
      {"create", where, file, "--name", "b", "--role", "root"},
      {"create", where, file, "--name", "b"},
      {"create", where, file, "--data", dir / "data", "--name", "b", "--role", "read"},
      {"create", "--name", "b", "--role", "read"},
      {"create", where, dir / "none/who", "--name", "b", "--role", "read"},
      {"revoke", where, file, "--name", "b"},
      {"list"},
      {},
  };
  for (const auto& arguments : wrong) {
    const Finished refused = tollctl(arguments);
    INFO((arguments.empty() ? "" : arguments[0]) << refused.errors);
    CHECK(refused.status != 0);
    CHECK_FALSE(refused.errors.empty());
    CHECK(refused.output.empty());
  }
  CHECK(tollctl({"list", "--token-file", file}).output == listed.output);
  CHECK(tollctl({"revoke", "--token-file", file, "--name", "phone"}).status == 0);
  CHECK(comes_to(with_token(server, made.output.substr(0, 82)), 401));
}

TEST_CASE("an idempotency key is its owner's, and forbids what is forbidden") {
  GuardedServer toll;
  toll.admin().grant("s1", "p1", 10);
  toll.admin().open("c1", "voice", "p1", "d1");
  for (const std::string role : {"patient:p1", "patient:p9", "doctor:d1", "service"}) {
    toll.as(role).client().set_header("Idempotency-Key", "one");
  }
  const std::string end = "/v1/sessions/c1/end";
  CHECK(toll.as("patient:p9").post(end).status == 403);
  CHECK(toll.as("patient:p9").post(end).status == 403);
  const Reply first = toll.as("patient:p1").post(end);
  CHECK(first.body["already_ended"] == false);
  const Reply again = toll.as("patient:p1").post(end);
  CHECK(again.body == first.body);
  CHECK(again.headers.at("idempotency-replayed") == "true");
  CHECK(toll.as("patient:p9").post(end).status == 403);
  for (const std::string role : {"doctor:d1", "service"}) {
    const Reply other = toll.as(role).post(end);
    CHECK(other.body["already_ended"] == true);
    CHECK_FALSE(other.headers.contains("idempotency-replayed"));
  }
}
