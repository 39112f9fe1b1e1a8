// Starting, stopping and refusing to start; many connections.
#include <signal.h>
#include <sys/resource.h>

#include <atomic>
#include <barrier>
#include <catch2/catch.hpp>
#include <thread>

#include "tests/e2e/api.hpp"
#include "tests/support/raw_socket.hpp"

using namespace toll::test;

TEST_CASE("SIGTERM under load: exit 0 within 10 s, and nothing acknowledged is lost") {
  TempDir dir;
  Server server(dir / "data", {"--test-clock", midnight});
  constexpr int workers = 16;
  {
    Api api(server);
    for (int i = 0; i < workers; ++i) {
      api.grant("s" + std::to_string(i), "p" + std::to_string(i), 1'000'000);
    }
  }
  std::vector<std::map<std::string, Json>> told(workers);
  std::atomic<int> acknowledged{0}, wrong{0};
  std::vector<std::jthread> threads;
  for (int i = 0; i < workers; ++i) {
    threads.emplace_back([&, i, api = Api(server)]() mutable {
      const std::string n = std::to_string(i);
      try {
        for (int round = 0;; ++round) {
          const std::string id = "c" + n + "." + std::to_string(round);
          for (const std::string step : {"", "/activate", "/end"}) {
            const Reply reply =
                step.empty() ? api.post("/v1/sessions", start_body(id, "text", "p" + n, "d" + n))
                             : api.post("/v1/sessions/" + id + step);
            if (reply.status == 503) return;
            if (reply.status >= 300) {
              ++wrong;
              return;
            }
            told[i][id] = step == "/end" ? reply.body["session"] : reply.body;
            ++acknowledged;
            acknowledged.notify_all();
          }
        }
      } catch (const LostAnswer&) {
        // The server went away: this request was not acknowledged.
      }
    });
  }
  for (int seen = acknowledged; seen < 500 && wrong == 0; seen = acknowledged) {
    acknowledged.wait(seen);
  }
  CHECK(server.stop(SIGTERM, std::chrono::seconds(10)) == 0);
  threads.clear();
  CHECK(wrong == 0);

  Server again(dir / "data", {"--test-clock", midnight});
  Api api(again);
  int lost = 0;
  for (const auto& sessions : told) {
    for (const auto& [id, session] : sessions) {
      const Json now = api.session(id);
      const bool same = session["status"] == "ended" ? now == session
                                                     : now["created_at"] == session["created_at"];
      lost += !same;
    }
  }
  CHECK(lost == 0);
}

TEST_CASE("SIGINT ends it as SIGTERM does, idle connections or not") {
  TestServer toll;
  CHECK(toll.api().client().get("/readyz").status == 200);
  CHECK(toll.server().stop(SIGINT, std::chrono::seconds(10)) == 0);
}

TEST_CASE("a data directory in use is refused with a clear message") {
  TestServer toll;
  const Finished second =
      run({tolld_path(), "--data", toll.data(), "--listen", "127.0.0.1:0", "--auth", "off"});
  INFO(second.errors);
  CHECK(second.status != 0);
  CHECK(second.status < 128);
  CHECK(second.output.empty());
  CHECK(second.errors.find("in use") != std::string::npos);
  CHECK(toll.api().client().get("/livez").status == 200);
}

TEST_CASE("auth off is for loopback listeners only") {
  TempDir dir;
  const Finished open =
      run({tolld_path(), "--data", dir / "data", "--listen", "0.0.0.0:0", "--auth", "off"});
  INFO(open.errors);
  CHECK(open.status != 0);
  CHECK(open.output.empty());
  CHECK(open.errors.find("loopback") != std::string::npos);
}

TEST_CASE("a request that does not arrive in time is answered 408") {
  TestServer toll({"--request-timeout-s", "1"});
  for (const std::string part : {"GET /live",
                                 "POST /v1/sessions HTTP/1.1\r\nHost: localhost\r\n"
                                 "Content-Type: application/json\r\n"
                                 "Content-Length: 10\r\n\r\n{"}) {
    const auto response = toll.api().client().raw(part);
    REQUIRE(response.has_value());
    CHECK(response->status == 408);
    CHECK(Json::parse(response->body)["status"] == 408);
  }
}

TEST_CASE("where nobody has a token the longest silent connection is closed for a new one") {
  TestServer toll({"--max-connections", "3"});
  RawSocket silent(toll.server().port());
  std::vector<HttpClient> clients;
  for (int i = 0; i < 3; ++i) {
    clients.emplace_back(toll.server().port());
    CHECK(clients.back().get("/livez").status == 200);
  }
  CHECK(silent.receive_to_end().empty());
  for (HttpClient& client : clients) CHECK(client.get("/livez").status == 200);
}

TEST_CASE("a bad command line or policy file is an error") {
  TempDir dir;
  const std::string data = (dir / "data").string();
  const std::string typo = write_file(dir / "typo.json", R"({"intervall_s": 60})");
  const std::string negative = write_file(dir / "negative.json", R"({"interval_s": -60})");
  const std::vector<std::vector<std::string>> lines{
      {},
      {"--data", data, "--listen", "nonsense", "--auth", "off"},
      {"--data", data, "--listen", "127.0.0.1:0", "--auth", "off", "--bogus"},
      {"--data", data, "--listen", "127.0.0.1:0", "--auth", "off", "--policy", typo},
      {"--data", data, "--listen", "127.0.0.1:0", "--auth", "off", "--policy", negative},
      {"--data", data, "--listen", "127.0.0.1:0", "--auth", "off", "--policy", data + "/none"},
      {"--data", data, "--listen", "127.0.0.1:0", "--auth", "off", "--test-clock", "noon"}};
  for (const auto& line : lines) {
    std::vector<std::string> command{tolld_path()};
    command.insert(command.end(), line.begin(), line.end());
    const Finished finished = run(command);
    INFO(finished.errors);
    CHECK(finished.status != 0);
    CHECK(finished.status < 128);
    CHECK(finished.output.empty());
    CHECK(!finished.errors.empty());
  }
}

TEST_CASE("1,024 keep-alive connections are served at once") {
  // Each connection of the client takes a few descriptors; the server was started with what it got.
  TestServer toll;
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  const rlimit before = limit;
  limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, 16'384);
  setrlimit(RLIMIT_NOFILE, &limit);
  {
    std::vector<HttpClient> clients;
    for (int i = 0; i < 1024; ++i) {
      clients.emplace_back(toll.server().port());
      clients.back().connect();
    }
    for (int round = 0; round < 2; ++round) {
      int served = 0;
      for (auto& client : clients) served += client.get("/v1/sessions").status == 200;
      CHECK(served == 1024);
    }
    CHECK(toll.server().stop(SIGTERM, std::chrono::seconds(10)) == 0);
  }
  setrlimit(RLIMIT_NOFILE, &before);
}

TEST_CASE("probes and metrics") {
  TestServer toll;
  CHECK(toll.api().client().get("/livez").status == 200);
  CHECK(toll.api().client().get("/readyz").status == 200);
  const Response metrics = toll.api().client().get("/metrics");
  CHECK(metrics.status == 200);
  CHECK(metrics.headers.at("content-type").starts_with("text/plain"));
  CHECK(metrics.body.find("# TYPE") != std::string::npos);
}

TEST_CASE("SIGTERM ends a server whose clock has a long way to go, within 10 s") {
  TestServer toll;
  Api& api = toll.api();
  api.grant("s1", "p1", 1'000'000'000, {{"ends_at", "2199-01-01T00:00:00Z"}});
  api.open("x1", "voice", "p1", "d1");
  std::thread clock([port = toll.server().port()] {
    try {
      Api(port).post("/v1/test/clock", {{"advance_ms", 1'000'000'000'000}});
    } catch (const std::exception&) {  // the server may go before it answers
    }
  });
  while (api.session("x1")["sessions_used"] == 0) {
  }
  CHECK(toll.server().stop(SIGTERM, std::chrono::seconds(10)) == 0);
  clock.join();
}
