// One write or sync of the real server fails, any one of them: the process ends, nothing that rests
// on it is acknowledged, and the next start has everything that was.
#include <signal.h>

#include <catch2/catch.hpp>
#include <cstdlib>

#include "tests/e2e/api.hpp"

using namespace toll::test;

namespace {

/// What the programs started from now on meet.
class Fault {
 public:
  Fault(const std::string& call, const std::string& file, int n) {
    setenv("TOLL_FAULT", (call + ':' + file + ':' + std::to_string(n)).c_str(), 1);
    setenv("LD_PRELOAD", FAULTY_DISK_PATH, 1);
  }
  ~Fault() {
    unsetenv("LD_PRELOAD");
    unsetenv("TOLL_FAULT");
  }
};

struct Run {
  bool met = false;             ///< the fault happened
  int status = 0;               ///< how the server ended
  std::vector<Json> told;       ///< the acknowledged sessions, as last seen
  std::int64_t topped_up = 0;   ///< units of acknowledged top-ups
  std::int64_t unanswered = 0;  ///< units of the one that got no answer
};

/// Sessions and top-ups until the server is gone, or SIGTERM.
void use(Api& api, int from, Run& run) {
  for (int i = from; i < from + 4; ++i) {
    const std::string id = "c" + std::to_string(i);
    const std::string path = "/v1/sessions/" + id;
    run.unanswered = 1;
    api.post("/v1/subscriptions/s1/topups", {{"units", {{"voice", 1}}}});
    run.topped_up += std::exchange(run.unanswered, 0);
    Reply reply = api.post("/v1/sessions", start_body(id, "voice", "p1", "d1"));
    REQUIRE(reply.status == 201);
    run.told.push_back(reply.body);
    run.told.back() = api.post(path + "/activate").body;
    run.told.back() = api.post(path + "/end").body["session"];
  }
}

Run run_with(const std::filesystem::path& data, int from, const std::string& call,
             const std::string& file, int n) {
  const Fault fault(call, file, n);
  Run run;
  std::unique_ptr<Server> server;
  try {
    server = std::make_unique<Server>(data, std::vector<std::string>{"--test-clock", midnight});
  } catch (const std::runtime_error& error) {
    const std::string what = error.what();
    run.met = what.find("fault injected") != std::string::npos;
    INFO(what);
    REQUIRE(run.met);
    run.status = std::stoi(what.substr(what.find('(') + 1));
    return run;
  }
  try {
    Api api(*server);
    use(api, from, run);
    server->signal(SIGTERM);
  } catch (const LostAnswer&) {
  }
  run.status = server->wait();
  run.met = server->errors().find("fault injected") != std::string::npos;
  INFO(server->errors());
  CHECK((run.met || run.status == 0));
  return run;
}

/// And not by a signal, which an assertion of a library would be.
bool ended_by_itself(int status) { return status == 0 || status == 1 || status == 70; }

/// `survived`: how many failures the server does not end with.
void fail_everywhere(const std::string& call, const std::string& file, int survived = 0) {
  TempDir dir;
  {
    Server server(dir / "whole", {"--test-clock", midnight});
    Api api(server);
    api.grant("s1", "p1", 10);
    Run before;
    use(api, 0, before);
    REQUIRE(server.stop(SIGTERM) == 0);
  }
  std::map<int, int> ends;  // how often the server ended with which status
  for (int n = 1;; ++n) {
    INFO(call << ' ' << n << " of " << file << " fails");
    const std::filesystem::path data = dir / ("run-" + std::to_string(n));
    std::filesystem::copy(dir / "whole", data, std::filesystem::copy_options::recursive);
    const Run seen = run_with(data, 10, call, file, n);
    CHECK(ended_by_itself(seen.status));
    if (seen.met) ++ends[seen.status];
    {
      Server server(data, {"--test-clock", midnight});
      Api api(server);
      for (const Json& told : seen.told) {
        const Json now = api.session(told["id"]);
        if (now != told) CHECK(told == seen.told.back());
        CHECK(now["sessions_used"] >= told["sessions_used"]);
      }
      const auto granted = api.units("s1", "voice")["granted"].get<std::int64_t>();
      CHECK(granted >= 10 + 4 + seen.topped_up);
      CHECK(granted <= 10 + 4 + seen.topped_up + seen.unanswered);
      CHECK(server.stop(SIGTERM) == 0);
    }
    const Finished verify = run({tollctl_path(), "verify", "--data", data});
    INFO(verify.output << verify.errors);
    REQUIRE(verify.status == 0);
    std::filesystem::remove_all(data);
    if (!seen.met) break;
  }
  CHECK(!ends.empty());
  CHECK((ends.contains(0) ? ends.at(0) : 0) == survived);
  std::string seen;
  for (const auto& [status, times] : ends) {
    seen += ' ' + std::to_string(status) + " x " + std::to_string(times);
  }
  WARN("each " << call << " of " << file << " failed once; the server ended with" << seen);
}

}  // namespace

TEST_CASE("any sync of the log fails: the server ends, and nothing acknowledged is lost") {
  fail_everywhere("sync", ".log");
}
TEST_CASE("any write of the log fails, and leaves half of its bytes") {
  fail_everywhere("write", ".log");
}
TEST_CASE("any sync of the witness fails") { fail_everywhere("sync", "/witness"); }
TEST_CASE("any write of the witness fails, and leaves half of its bytes") {
  fail_everywhere("write", "/witness");
}
TEST_CASE("any sync of the manifest fails") { fail_everywhere("sync", "MANIFEST"); }
TEST_CASE("any write of the manifest fails") { fail_everywhere("write", "MANIFEST"); }
TEST_CASE("any sync of a table fails") { fail_everywhere("sync", ".sst"); }
TEST_CASE("any write of a table fails") { fail_everywhere("write", ".sst"); }
TEST_CASE("any sync of a directory fails") {
  // RocksDB survives those after it wrote the two files OPTIONS-*, which nobody reads.
  fail_everywhere("sync_directory", "/run-", 2);
}
TEST_CASE("the disk is full from any write on") { fail_everywhere("full", "/run-"); }
