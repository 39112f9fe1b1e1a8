// Idempotency keys over HTTP: the first answer again, byte for byte, at once, after kill -9, and
// for everybody who asks at the same time.
#include <signal.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "tests/e2e/api.hpp"

using namespace toll::test;

namespace {

Response keyed(std::uint16_t port, const std::string& key, const std::string& target,
               const Json& body = Json::object()) {
  HttpClient client(port);
  client.set_header("Idempotency-Key", key);
  return client.post(target, body.dump());
}

bool replayed(const Response& response) {
  const auto found = response.headers.find("idempotency-replayed");
  return found != response.headers.end() && found->second == "true";
}

std::string code_of(const Response& response) {
  return Json::parse(response.body).value("code", "");
}

struct Case {
  std::string target;
  Json body;
  int status;
};

/// Every POST of the API once, in an order in which each changes something.
std::vector<Case> every_post(const std::string& withdrawal, const std::string& rejected) {
  return {
      {"/v1/sessions", start_body("a", "text", "p1", "d1"), 201},
      {"/v1/sessions", {{"channel", "text"}, {"patient_id", "p2"}, {"doctor_id", "d2"}}, 201},
      {"/v1/sessions/a/messages", {{"from", "patient"}}, 200},
      {"/v1/sessions/a/activate", Json::object(), 200},
      {"/v1/test/clock", {{"advance_ms", 25 * minute_ms}, {"run_timers", false}}, 200},
      {"/v1/sessions/a/deduct", {{"triggered_by", "phone"}}, 200},
      {"/v1/test/clock", {{"advance_ms", 10 * minute_ms}, {"run_timers", false}}, 200},
      {"/v1/deductions", {{"items", {{{"session_id", "a"}}, {{"session_id", "none"}}}}}, 200},
      {"/v1/sessions/a/end", {{"ended_by", "patient"}, {"reason", "thanks"}}, 200},
      {"/v1/sessions/a/refunds", {{"units", 2}, {"reason", "sorry"}}, 201},
      {"/v1/subscriptions/s1/topups", {{"units", {{"voice", 3}}}}, 201},
      {"/v1/doctors/d0/withdrawals", {{"amount", 1000}, {"currency", "MWK"}}, 201},
      {"/v1/withdrawals/" + withdrawal + "/approve", Json::object(), 200},
      {"/v1/withdrawals/" + withdrawal + "/pay", Json::object(), 200},
      {"/v1/withdrawals/" + rejected + "/reject", Json::object(), 200},
  };
}

std::string withdrawal(Api& api, std::int64_t amount) {
  return api.post("/v1/doctors/d0/withdrawals", {{"amount", amount}, {"currency", "MWK"}})
      .body["id"];
}

}  // namespace

TEST_CASE("every POST with a key that was used: the first answer, at once and after kill -9") {
  TestServer toll;
  Api& api = toll.api();
  api.grant("s0", "p0", 5);
  api.grant("s1", "p1", 50);
  api.grant("s2", "p2", 50);
  api.open("old", "text", "p0", "d0");
  api.end("old");
  const auto cases = every_post(withdrawal(api, 100), withdrawal(api, 200));
  std::vector<Response> first;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    INFO(cases[i].target);
    const std::string key = "key " + std::to_string(i);
    first.push_back(keyed(toll.server().port(), key, cases[i].target, cases[i].body));
    INFO(first.back().body);
    REQUIRE(first.back().status == cases[i].status);
    CHECK_FALSE(replayed(first.back()));
    // At once: the rows do not show it yet.
    const Response again = keyed(toll.server().port(), key, cases[i].target, cases[i].body);
    CHECK(replayed(again));
    CHECK(again.status == first.back().status);
    CHECK(again.body == first.back().body);
  }
  const std::uint64_t head = api.last_seq();
  for (const bool crash : {false, true}) {
    if (crash) toll.crash_and_restart();
    for (std::size_t i = 0; i < cases.size(); ++i) {
      INFO(cases[i].target << (crash ? " after a crash" : ""));
      const std::string key = "key " + std::to_string(i);
      const std::uint16_t port = toll.server().port();
      const Response again = keyed(port, key, cases[i].target, cases[i].body);
      CHECK(replayed(again));
      CHECK(again.status == cases[i].status);
      CHECK(again.body == first[i].body);
      // Another body; and another route that takes the same one.
      const Response other =
          keyed(port, key, "/v1/test/clock", {{"advance_ms", 0}, {"run_timers", true}});
      CHECK(other.status == 422);
      CHECK(code_of(other) == "idempotency_key_reused");
    }
    if (!crash) CHECK(toll.api().last_seq() == head);
  }
  CHECK(toll.api().units("s1", "voice")["granted"] == 53);
}

TEST_CASE("a key belongs to one route and one body, however the body is written") {
  TestServer toll;
  toll.api().grant("s1", "p1", 5);
  const std::uint16_t port = toll.server().port();
  const auto send = [&](const std::string& body) {
    HttpClient client(port);
    client.set_header("Idempotency-Key", "k");
    return client.post("/v1/subscriptions/s1/topups", body);
  };
  CHECK(send(R"({"units":{"text":1,"voice":2}})").status == 201);
  CHECK(replayed(send(R"(  {"units" : {"voice":2, "te\u0078t":1}} )")));
  CHECK(send(R"({"units":{"text":1,"voice":3}})").status == 422);
  CHECK(send(R"({"units":{"text":1,"voice":2},"typo":1})").status == 400);
  CHECK(toll.api().units("s1", "voice")["granted"] == 7);
}

TEST_CASE("an idempotency key must be there once, with 1 to 255 printable characters") {
  TestServer toll;
  toll.api().grant("s1", "p1", 5);
  const std::uint64_t head = toll.api().last_seq();
  const std::string body = R"({"units":{"text":1}})";
  const auto raw = [&](const std::string& headers) {
    HttpClient client(toll.server().port());
    const auto answer = client.raw(
        "POST /v1/subscriptions/s1/topups HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        "Content-Type: application/json\r\nContent-Length: " +
        std::to_string(body.size()) + "\r\n" + headers + "\r\n" + body);
    REQUIRE(answer);
    return answer->status;
  };
  CHECK(raw("Idempotency-Key: " + std::string(256, 'k') + "\r\n") == 400);
  CHECK(raw("Idempotency-Key: \r\n") == 400);
  CHECK(raw("Idempotency-Key: a\r\nIdempotency-Key: a\r\n") == 400);
  CHECK(raw("Idempotency-Key: k\xc3\xa9y\r\n") == 400);
  CHECK(toll.api().last_seq() == head);
  CHECK(raw("Idempotency-Key: " + std::string(255, 'k') + "\r\n") == 201);
  CHECK(raw("idempotency-key: " + std::string(255, 'k') + "\r\n") == 201);
  CHECK(toll.api().last_seq() == head + 1);
}

TEST_CASE("thirty-two requests at once with one key: one session, one answer") {
  TestServer toll;
  toll.api().grant("s1", "p1", 5);
  const std::uint16_t port = toll.server().port();
  for (int round = 0; round < 5; ++round) {
    std::vector<Response> answers(32);
    std::vector<std::thread> threads;
    for (Response& answer : answers) {
      threads.emplace_back([&] {
        answer = keyed(port, "round " + std::to_string(round), "/v1/sessions",
                       {{"channel", "text"}, {"patient_id", "p1"}, {"doctor_id", "d1"}});
      });
    }
    for (std::thread& thread : threads) thread.join();
    int firsts = 0;
    for (const Response& answer : answers) {
      CHECK(answer.status == 201);
      CHECK(answer.body == answers.front().body);
      firsts += !replayed(answer);
    }
    CHECK(firsts == 1);
    toll.api().end(Json::parse(answers.front().body)["id"]);
  }
  CHECK(toll.api().get("/v1/sessions?patient_id=p1").body["items"].size() == 5);
}

TEST_CASE("clients that retry with their keys across kill -9 get each change once") {
  constexpr int workers = 8;
  constexpr int changes = 150;  // of each worker
  constexpr int kills = 6;
  TestServer toll;
  for (int i = 0; i < workers; ++i) {
    toll.api().grant("s" + std::to_string(i), "p" + std::to_string(i), 1);
  }
  std::atomic<std::uint16_t> port = toll.server().port();
  std::mutex mutex;
  std::condition_variable moved;
  int done = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < workers; ++i) {
    threads.emplace_back([&, i] {
      const std::string target = "/v1/subscriptions/s" + std::to_string(i) + "/topups";
      for (int n = 0; n < changes;) {
        const std::uint16_t asked = port;
        try {
          const std::string key = std::to_string(i) + "." + std::to_string(n);
          if (keyed(asked, key, target, {{"units", {{"text", 1}}}}).status != 201) continue;
          ++n;
          const std::lock_guard lock(mutex);
          ++done;
          moved.notify_all();
        } catch (const LostAnswer&) {
          port.wait(asked);  // until there is another server
        }
      }
    });
  }
  for (int kill = 1; kill <= kills; ++kill) {
    {
      std::unique_lock lock(mutex);
      moved.wait(lock, [&] { return done >= kill * workers * changes / (kills + 1); });
    }
    toll.crash_and_restart();
    port = toll.server().port();
    port.notify_all();
  }
  for (std::thread& thread : threads) thread.join();
  for (int i = 0; i < workers; ++i) {
    CHECK(toll.api().units("s" + std::to_string(i), "text")["granted"] == 1 + changes);
  }
}
