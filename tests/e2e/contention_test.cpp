// Many clients chase the same unit at the same instant.
#include <signal.h>

#include <atomic>
#include <barrier>
#include <catch2/catch.hpp>
#include <thread>

#include "tests/e2e/api.hpp"

using namespace toll::test;

namespace {

/// Counts the answers of racing threads; Catch's macros are not for threads.
struct Tally {
  std::atomic<std::int64_t> deducted{0}, ok{0}, conflicts{0}, others{0}, manual{0}, ended{0};

  void add(const Response& response) {
    if (response.status != 200) {
      ++(response.status == 409 ? conflicts : others);
      return;
    }
    const Json body = Json::parse(response.body);
    deducted += body["deducted"].get<std::int64_t>();
    if (body.contains("already_ended")) {
      manual += body["manual_unit"] == true;
      ended += body["already_ended"] == false;
    }
    ++ok;
  }
};

Json call_of(const std::string& n) { return start_body("c" + n, "voice", "m" + n, "d" + n); }

/// The members of one subscription all start a call at once: the status of each answer, -1 for one
/// that is neither 201 nor 402 no_units.
std::vector<int> start_all(TestServer& toll, int members, int units) {
  constexpr int callers = 50;
  Json list = Json::array();
  for (int i = 0; i < members; ++i) list.push_back("m" + std::to_string(i));
  toll.api().grant("team", "employer", units, {{"members", list}});
  std::vector<int> status(members, -1);
  std::barrier gate(callers);
  std::vector<std::jthread> threads;
  for (int t = 0; t < callers; ++t) {
    threads.emplace_back([&, t, api = Api(toll.server())]() mutable {
      api.client().connect();
      gate.arrive_and_wait();
      try {
        for (int i = t; i < members; i += callers) {
          const Reply reply = api.post("/v1/sessions", call_of(std::to_string(i)));
          if (reply.status == 201 || reply.code() == "no_units") status[i] = reply.status;
        }
      } catch (const LostAnswer&) {
        // Its members stay at -1, which the test sees.
      }
    });
  }
  threads.clear();
  return status;
}

}  // namespace

TEST_CASE("64 connections race deduct and end at minute 10, 1,000 times: 2 units each time") {
  constexpr int racers = 64, rounds = 1000;
  TestServer toll;
  Api& api = toll.api();
  api.grant("s1", "p1", 3 * rounds);
  std::barrier gate(racers + 1);
  Tally tally;
  std::string id;
  bool done = false;
  std::vector<std::jthread> threads;
  for (int i = 0; i < racers; ++i) {
    threads.emplace_back([&, i, client = HttpClient(toll.server().port())]() mutable {
      for (;;) {
        gate.arrive_and_wait();
        if (done) return;
        try {
          tally.add(client.post("/v1/sessions/" + id + (i % 2 == 0 ? "/deduct" : "/end")));
        } catch (const std::exception&) {
          ++tally.others;
        }
        gate.arrive_and_wait();
      }
    });
  }
  int wrong = 0;
  for (int round = 0; round < rounds; ++round) {
    id = "r" + std::to_string(round);
    try {
      api.open(id, round % 2 == 0 ? "text" : "voice", "p1", "d1");
      api.advance(10 * minute_ms, false);
    } catch (...) {
      done = true;
      gate.arrive_and_wait();
      throw;
    }
    tally.deducted = tally.ok = tally.conflicts = tally.manual = tally.ended = 0;
    gate.arrive_and_wait();  // they race
    gate.arrive_and_wait();  // all are answered
    const Json session = api.session(id);
    wrong += tally.deducted != 2 || tally.manual != 1 || tally.ended != 1 ||
             tally.ok + tally.conflicts != racers || session["sessions_used"] != 2 ||
             session["auto_deductions_processed"] != 1 || session["status"] != "ended";
  }
  done = true;
  gate.arrive_and_wait();
  threads.clear();
  CHECK(wrong == 0);
  CHECK(tally.others == 0);
  CHECK(api.wallet("d1")["balance"] == 2 * rounds * rate);
  CHECK(api.units("s1", "text")["taken"] == rounds);
  CHECK(api.units("s1", "voice")["taken"] == rounds);
  toll.server().stop(SIGTERM);
  const Finished verify = run({tollctl_path(), "verify", "--data", toll.data()});
  INFO(verify.output << verify.errors);
  CHECK(verify.status == 0);
}

TEST_CASE("1,000 members of one subscription with 100 units start at once") {
  constexpr int members = 1000, units = 100;
  TestServer toll;
  Api& api = toll.api();
  const std::vector<int> status = start_all(toll, members, units);
  CHECK(std::count(status.begin(), status.end(), 201) == units);
  CHECK(std::count(status.begin(), status.end(), 402) == members - units);
  CHECK(api.units("team", "voice")["held"] == units);
  for (int i = 0; i < members; ++i) {
    if (status[i] == 201) {
      REQUIRE(api.post("/v1/sessions/c" + std::to_string(i) + "/activate").status == 200);
    }
  }
  api.advance(10 * minute_ms);
  int exhausted = 0;
  std::int64_t paid = 0;
  for (int i = 0; i < members; ++i) {
    if (status[i] != 201) continue;
    const Json session = api.session("c" + std::to_string(i));
    exhausted += session["end_reason"] == "exhausted" && session["sessions_used"] == 1 &&
                 session["ended_at"] == clock_time(10 * minute_ms);
    paid += api.wallet("d" + std::to_string(i))["balance"].get<std::int64_t>();
  }
  CHECK(exhausted == units);
  CHECK(paid == units * rate);
  CHECK(api.units("team", "voice")["taken"] == units);
  CHECK(api.units("team", "voice")["held"] == 0);
  CHECK(api.units("team", "voice")["free"] == 0);
}

TEST_CASE("a call hung up within its first minute gives its unit back to a refused member") {
  constexpr int members = 40, units = 4;
  TestServer toll;
  Api& api = toll.api();
  const std::vector<int> status = start_all(toll, members, units);
  const auto first = [&](int wanted) {
    const auto at = std::find(status.begin(), status.end(), wanted);
    REQUIRE(at != status.end());
    return std::to_string(at - status.begin());
  };
  const std::string lucky = first(201), refused = first(402);
  api.post("/v1/sessions/c" + lucky + "/activate");
  CHECK(api.post("/v1/sessions", call_of(refused)).code() == "no_units");
  api.advance(59 * second_ms);
  CHECK(api.end("c" + lucky)["deducted"] == 0);
  CHECK(api.post("/v1/sessions", call_of(refused)).status == 201);
  CHECK(api.units("team", "voice")["held"] == units);
}

TEST_CASE("64 starts at once for one patient and one doctor: one session") {
  TestServer toll;
  toll.api().grant("s1", "p1", 100);
  std::atomic<int> made{0}, busy{0};
  {
    std::barrier gate(64);
    std::vector<std::jthread> threads;
    for (int i = 0; i < 64; ++i) {
      threads.emplace_back([&, i, api = Api(toll.server())]() mutable {
        api.client().connect();
        gate.arrive_and_wait();
        const std::string doctor = i % 2 == 0 ? "d1" : "d" + std::to_string(i);
        const Reply reply =
            api.post("/v1/sessions", start_body("x" + std::to_string(i), "text", "p1", doctor));
        made += reply.status == 201;
        busy += reply.code() == "patient_busy" || reply.code() == "doctor_busy";
      });
    }
  }
  CHECK(made == 1);
  CHECK(busy == 63);
  CHECK(toll.api().units("s1", "text")["held"] == 1);
}
