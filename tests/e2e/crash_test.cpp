// kill -9 under concurrent load: what was acknowledged is there, and nothing is there twice.
#include <signal.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>

#include "tests/e2e/api.hpp"

using namespace toll::test;

namespace {

constexpr int workers = 16;
constexpr int kills = 12;
constexpr int changes_between_kills = 500;

/// Where the server is now, and how much it has acknowledged: what the test waits for.
class Meeting {
 public:
  void server_is_at(std::uint16_t port) {
    std::lock_guard lock(mutex_);
    port_ = port;
    ++generation_;
    changed_.notify_all();
  }
  /// Waits for a server later than `generation`; false when the load shall end.
  bool next_server(int& generation, std::uint16_t& port) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return generation_ > generation || finished_; });
    generation = generation_;
    port = port_;
    return !finished_;
  }
  void acknowledged() {
    std::lock_guard lock(mutex_);
    ++acknowledged_;
    changed_.notify_all();
  }
  void failed(const std::string& what) {
    std::lock_guard lock(mutex_);
    failure_ = what;
    changed_.notify_all();
  }
  /// Waits for so many more acknowledged changes; the first failure of a worker, if any.
  std::string wait_for(int more) {
    std::unique_lock lock(mutex_);
    const int target = acknowledged_ + more;
    const bool in_time = changed_.wait_for(lock, std::chrono::seconds(60), [&] {
      return acknowledged_ >= target || !failure_.empty();
    });
    return in_time ? failure_ : "no progress for a minute";
  }
  void finish() {
    std::lock_guard lock(mutex_);
    finished_ = true;
    changed_.notify_all();
  }
  bool finished() {
    std::lock_guard lock(mutex_);
    return finished_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::uint16_t port_ = 0;
  int generation_ = 0;
  int acknowledged_ = 0;
  bool finished_ = false;
  std::string failure_;
};

/// One client with a patient and a doctor of its own, and everything that it was told.
struct Worker {
  int number = 0;
  Meeting& meeting;
  std::mutex mutex;                    ///< guards `told`
  std::map<std::string, Json> told{};  ///< the newest acknowledged state of each session
  std::map<std::string, std::int64_t> deducted{};

  std::string name(const char* kind) const { return kind + std::to_string(number); }

  /// Retries until it is answered; each retry goes to the server that runs then.
  Json insist(Api*& api, std::unique_ptr<Api>& own, int& generation, const std::string& target,
              const Json& body) {
    for (;;) {
      try {
        if (api != nullptr) {
          const Reply reply = api->post(target, body);
          if (reply.status < 500) {
            meeting.acknowledged();
            return Json{{"status", reply.status}, {"body", reply.body}};
          }
        }
      } catch (const LostAnswer&) {
      }
      std::uint16_t port = 0;
      if (!meeting.next_server(generation, port)) return {};
      own = std::make_unique<Api>(port);
      api = own.get();
    }
  }

  void run() {
    std::unique_ptr<Api> own;
    Api* api = nullptr;
    int generation = 0;
    for (int n = 0; !meeting.finished(); ++n) {
      const std::string id = name("w") + "." + std::to_string(100'000 + n);
      const std::string path = "/v1/sessions/" + id;
      const auto call = [&](const std::string& target, const Json& body, bool counts) {
        const Json answer = insist(api, own, generation, target, body);
        if (answer.is_null()) return false;
        const int status = answer["status"];
        if (status >= 300 && status != 409) {
          meeting.failed(target + ": " + answer.dump());
          return false;
        }
        if (status < 300 && target.starts_with("/v1/sessions")) {
          std::lock_guard lock(mutex);
          told[id] =
              answer["body"].contains("session") ? answer["body"]["session"] : answer["body"];
          if (counts) deducted[id] += answer["body"]["deducted"].get<std::int64_t>();
        }
        return true;
      };
      if (!call("/v1/sessions", start_body(id, "voice", name("p"), name("d")), false)) return;
      if (!call(path + "/activate", Json::object(), false)) return;
      const Json step{{"advance_ms", 61 * second_ms}, {"run_timers", false}};
      for (int i = 0; i < 3; ++i) {
        if (!call("/v1/test/clock", step, false)) return;
        if (!call(path + "/deduct", Json::object(), true)) return;
      }
      if (!call(path + "/end", Json::object(), true)) return;
    }
  }
};

/// What was acknowledged is a lower bound while a session runs, and the truth once it is over.
void check_survived(Api& api, const std::string& id, const Json& told) {
  const Json now = api.session(id);
  INFO("told " << told.dump() << "\nfound " << now.dump());
  CHECK(now["sessions_used"] >= told["sessions_used"]);
  CHECK(now["auto_deductions_processed"] >= told["auto_deductions_processed"]);
  if (!told["activated_at"].is_null()) CHECK(now["activated_at"] == told["activated_at"]);
  if (told["status"] == "ended") CHECK(now == told);
}

}  // namespace

TEST_CASE("12 kills under load: acknowledged changes survive, nothing happens twice") {
  TempDir dir;
  const std::filesystem::path data = dir / "data";
  // Everybody moves one clock, so calls must be able to ring for long.
  const std::string policy = write_file(dir / "policy.json", R"({"ring_timeout_s": 86400})");
  const std::vector<std::string> options{"--test-clock", midnight, "--policy", policy};
  auto server = std::make_unique<Server>(data, options);
  {
    Api api(*server);
    for (int i = 0; i < workers; ++i) {
      api.grant("s" + std::to_string(i), "p" + std::to_string(i), 1'000'000);
    }
  }
  Meeting meeting;
  std::vector<std::unique_ptr<Worker>> clients;
  std::vector<std::jthread> threads;
  for (int i = 0; i < workers; ++i) {
    clients.emplace_back(new Worker{i, meeting, {}});
    threads.emplace_back([&worker = *clients.back(), &meeting] {
      try {
        worker.run();
      } catch (const std::exception& error) {
        meeting.failed(error.what());
      }
    });
  }
  // Also ends the threads when a requirement below fails.
  struct Ender {
    Meeting& meeting;
    ~Ender() { meeting.finish(); }
  } ender{meeting};
  meeting.server_is_at(server->port());
  for (int kill = 0; kill < kills; ++kill) {
    REQUIRE(meeting.wait_for(changes_between_kills) == "");
    server->stop(SIGKILL);
    std::vector<std::map<std::string, Json>> told;
    for (auto& client : clients) {
      std::lock_guard lock(client->mutex);
      told.push_back(client->told);
    }
    server = std::make_unique<Server>(data, options);
    Api api(*server);
    for (const auto& sessions : told) {
      // Older sessions are over and were compared after an earlier kill.
      auto newest = sessions.rbegin();
      for (int i = 0; i < 3 && newest != sessions.rend(); ++i, ++newest) {
        check_survived(api, newest->first, newest->second);
      }
    }
    meeting.server_is_at(server->port());
  }
  REQUIRE(meeting.wait_for(changes_between_kills) == "");
  meeting.finish();
  threads.clear();

  Api api(*server);
  std::int64_t total = 0;
  for (int i = 0; i < workers; ++i) {
    std::int64_t used = 0;
    for (const auto& [id, told] : clients[i]->told) {
      check_survived(api, id, told);
      const Json lines = api.lines(id);
      std::set<Json> intervals;
      for (const auto& line : lines) CHECK(intervals.insert(line["interval"]).second);
      const Json session = api.session(id);
      CHECK(session["sessions_used"] == lines.size());
      CHECK(clients[i]->deducted[id] <= session["sessions_used"]);
      used += session["sessions_used"].get<std::int64_t>();
    }
    CHECK(api.wallet("d" + std::to_string(i))["balance"] == used * rate);
    CHECK(api.units("s" + std::to_string(i), "voice")["taken"] == used);
    total += used;
  }
  CHECK(total > 100);
  CHECK(server->stop(SIGTERM) == 0);
  const Finished verify = run({tollctl_path(), "verify", "--data", data});
  INFO(verify.output << verify.errors);
  CHECK(verify.status == 0);
}
