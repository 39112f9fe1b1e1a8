// What patients and doctors may do with their own tokens at a stranger's cost: send without end,
// keep a doctor busy for nothing, invent doctors.
#include <signal.h>

#include <catch2/catch.hpp>

#include "tests/e2e/access.hpp"

using namespace toll::test;

namespace {

/// How many of so many requests sent ahead are granted; the others are 429 `rate_limited`.
int granted(GuardedServer& toll, const std::string& role, int requests) {
  std::string bytes;
  for (int i = 0; i < requests; ++i) {
    bytes += "GET /v1/sessions HTTP/1.1\r\nHost: t\r\nAuthorization: Bearer " + toll.token(role) +
             "\r\n\r\n";
  }
  int count = 0;
  const auto answers =
      HttpClient(toll.server().port()).raw_many(bytes, static_cast<std::size_t>(requests));
  REQUIRE(answers.size() == static_cast<std::size_t>(requests));
  for (const Response& answer : answers) {
    count += answer.status == 200;
    if (answer.status == 200) continue;
    REQUIRE(answer.status == 429);
    CHECK(Json::parse(answer.body)["code"] == "rate_limited");
    CHECK(answer.headers.contains("retry-after"));
  }
  return count;
}

/// A call that nobody answers, started by `caller`; 90 s later it is missed.
Reply ring(GuardedServer& toll, Api& caller, const std::string& id, const std::string& patient,
           const std::string& doctor) {
  const Reply reply = caller.post("/v1/sessions", start_body(id, "voice", patient, doctor));
  if (reply.status == 201) toll.admin().advance(90 * second_ms);
  return reply;
}

}  // namespace

TEST_CASE("patients and doctors send 60 requests at once, and 20 a second; backends as before") {
  GuardedServer toll;
  for (const std::string role : {"patient:p1", "doctor:d1", "jwt patient:p1"}) {
    INFO(role);
    CHECK(toll.as(role).get("/v1/sessions").headers.at("ratelimit-limit") == "60");
    // As many as fill in while these are answered are granted as well, but not all.
    const int count = granted(toll, role, 600);
    CHECK(count >= 59);
    CHECK(count < 600);
  }
  CHECK(granted(toll, "service", 600) == 600);
  CHECK_FALSE(toll.as("service").get("/v1/sessions").headers.contains("ratelimit-limit"));
}

TEST_CASE("the limit of persons can be chosen, and is never above that of all") {
  GuardedServer chosen({"--person-rate-limit", "1", "--person-rate-burst", "1000"});
  CHECK(granted(chosen, "patient:p1", 900) == 900);
  GuardedServer low({"--rate-limit", "1", "--rate-burst", "5"});
  CHECK(low.as("patient:p1").get("/v1/sessions").headers.at("ratelimit-limit") == "5");
  GuardedServer none({"--person-rate-limit", "0", "--rate-limit", "0"});
  CHECK_FALSE(none.as("patient:p1").get("/v1/sessions").headers.contains("ratelimit-limit"));
  CHECK(granted(none, "patient:p1", 600) == 600);
}

TEST_CASE("who keeps a doctor busy for 900 s of an hour and is never billed must wait") {
  GuardedServer toll;
  toll.admin().grant("s1", "p1", 50);
  toll.admin().grant("s9", "p9", 50);
  const std::string role = GENERATE(as<std::string>(), "patient:p1", "jwt patient:p1");
  Api& patient = toll.as(role);
  for (int i = 0; i < 10; ++i) {
    REQUIRE(ring(toll, patient, "c" + std::to_string(i), "p1", "d1").status == 201);
  }
  // 900 s of the last 900: the first is out of the hour 2,700 s from now, a millisecond later it is
  // less than 900 s.
  const std::uint64_t head = toll.admin().last_seq();
  const Json again = start_body("late", "voice", "p1", "d1");
  const Reply refused = patient.post("/v1/sessions", again);
  CHECK(refused.status == 429);
  CHECK(refused.code() == "too_many_unbilled");
  CHECK(refused.headers.at("retry-after") == "2701");
  CHECK(patient.post("/v1/sessions", start_body("text", "text", "p1", "d1")).status == 429);
  CHECK(toll.admin().last_seq() == head);

  // What was started stays what it is, and ends and reads are no starts.
  CHECK(patient.post("/v1/sessions", start_body("c3", "voice", "p1", "d1")).status == 200);
  CHECK(patient.get("/v1/sessions/c3").status == 200);
  // Another doctor, another patient, and whoever starts sessions for patients.
  CHECK(ring(toll, patient, "other", "p1", "d2").status == 201);
  CHECK(ring(toll, toll.as("patient:p9"), "p9", "p9", "d1").status == 201);
  CHECK(ring(toll, toll.as("service"), "staff", "p1", "d1").status == 201);

  const Reply later = patient.post("/v1/sessions", again);
  REQUIRE(later.status == 429);
  const int wait_s = std::stoi(later.headers.at("retry-after"));
  CHECK(wait_s == 2701 - 3 * 90);
  toll.admin().advance((wait_s - 1) * second_ms);
  CHECK(patient.post("/v1/sessions", again).status == 429);
  toll.admin().advance(second_ms);
  CHECK(patient.post("/v1/sessions", again).status == 201);
}

TEST_CASE("a session that was billed does not count, nor one that staff has started") {
  GuardedServer toll;
  toll.admin().grant("s1", "p1", 50);
  Api& patient = toll.as("patient:p1");
  for (int i = 0; i < 9; ++i) ring(toll, patient, "c" + std::to_string(i), "p1", "d1");
  for (int i = 0; i < 3; ++i) ring(toll, toll.admin(), "s" + std::to_string(i), "p1", "d1");
  // 810 s; a call of 20 minutes on top is paid for.
  REQUIRE(patient.post("/v1/sessions", start_body("paid", "voice", "p1", "d1")).status == 201);
  REQUIRE(toll.admin().post("/v1/sessions/paid/activate").status == 200);
  toll.admin().advance(20 * minute_ms);
  CHECK(patient.end("paid")["session"]["sessions_used"] == 3);
  CHECK(ring(toll, patient, "tenth", "p1", "d1").status == 201);
  CHECK(ring(toll, patient, "eleventh", "p1", "d1").status == 429);
}

TEST_CASE("with known_doctors_only a start makes no doctor") {
  TempDir dir;
  const std::string policy = write_file(dir / "policy", R"({"known_doctors_only": true})");
  const std::vector<std::string> known{"--test-clock", midnight, "--policy", policy};
  {
    // Without it a start makes him, as ever.
    Server server(dir / "data", {"--test-clock", midnight});
    Api api(server);
    api.grant("s1", "p1", 50);
    api.start("c1", "voice", "p1", "d1");
    api.end("c1");
    CHECK(server.stop(SIGTERM) == 0);
  }
  Server server(dir / "data", known);
  Api api(server);
  const std::uint64_t head = api.last_seq();
  const Reply refused = api.post("/v1/sessions", start_body("c2", "voice", "p1", "d2"));
  CHECK(refused.status == 404);
  CHECK(refused.code() == "doctor_not_found");
  // Before the conflicts.
  CHECK(api.post("/v1/sessions", start_body("c2", "voice", "poor", "d2")).status == 404);
  CHECK(api.last_seq() == head);
  CHECK(api.get("/v1/doctors/d2/wallet").status == 404);
  CHECK(api.post("/v1/sessions", start_body("c1", "voice", "p1", "d1")).status == 200);
  api.start("c3", "voice", "p1", "d1");
  api.end("c3");
  REQUIRE(api.put("/v1/doctors/d2", Json::object()).status == 201);
  api.start("c4", "voice", "p1", "d2");
  const Json events = api.get("/v1/events?limit=500").body["items"];
  for (const Json& event : events) {
    if (event["type"] != "policy_recorded") continue;
    CHECK(event["policy"]["known_doctors_only"] == (event["policy_version"] == 2));
  }
}
