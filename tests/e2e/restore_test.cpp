// A restore or rebuild that is cut short, by an error of the disk or by its end: nothing of it
// takes the place of a directory, and it can be begun anew.
#include <catch2/catch.hpp>
#include <csignal>
#include <cstdlib>

#include "tests/e2e/api.hpp"

using namespace toll::test;
namespace fs = std::filesystem;

namespace {

/// With a fault in what is made, in `new.new`, or without one.
Finished tollctl(std::vector<std::string> arguments, const std::string& call = "", int n = 0) {
  arguments.insert(arguments.begin(), tollctl_path());
  if (call.empty()) return run(arguments);
  setenv("TOLL_FAULT", (call + ":new.new:" + std::to_string(n)).c_str(), 1);
  setenv("LD_PRELOAD", FAULTY_DISK_PATH, 1);
  const Finished finished = run(arguments);
  unsetenv("LD_PRELOAD");
  unsetenv("TOLL_FAULT");
  return finished;
}

/// A directory named `new`, which a server has left, and its backup.
struct Made {
  TempDir dir;
  const std::string data = dir / "new";
  const std::string backup = dir / "backup";
  std::string log;

  Made() {
    TestServer server;
    server.api().grant("s1", "p1", 1000);
    server.api().open("c1", "voice", "p1", "d1");
    server.api().advance(40 * minute_ms);
    REQUIRE(server.server().stop(SIGTERM) == 0);
    fs::copy(server.data(), data, fs::copy_options::recursive);
    fs::remove(data + "/ballast");
    REQUIRE(tollctl({"backup", "--data", data, "--to", backup}).status == 0);
    log = history(data);
  }
  static std::string history(const std::string& directory) {
    const Finished finished = tollctl({"log", "--data", directory});
    INFO(finished.errors);
    REQUIRE(finished.status == 0);
    return finished.output;
  }
  void check_whole() const {
    const Finished verified = tollctl({"verify", "--data", data});
    INFO(verified.errors);
    CHECK(verified.status == 0);
    CHECK(history(data) == log);
  }
};

}  // namespace

TEST_CASE("a restore or rebuild that meets an error of the disk leaves all as it was") {
  const bool restores = GENERATE(true, false);
  const Made made;
  const std::vector<std::string> command =
      restores ? std::vector<std::string>{"restore", "--from", made.backup, "--data", made.data}
               : std::vector<std::string>{"rebuild", "--data", made.data};
  const auto take_away = [&] {
    if (restores) fs::remove_all(made.data);
    fs::remove_all(made.data + ".old");
  };
  for (const std::string call : {"write", "sync", "full"}) {
    int failed = 0;
    for (int n = 1;; ++n) {
      take_away();
      const Finished finished = tollctl(command, call, n);
      const bool met = finished.errors.find("fault injected") != std::string::npos;
      INFO(command[0] << ' ' << call << ' ' << n << ": " << finished.errors);
      CHECK_FALSE(fs::exists(made.data + ".new"));
      if (finished.status == 0) {
        made.check_whole();
      } else {
        ++failed;
        CHECK(met);
        CHECK(finished.status == 1);
        CHECK(fs::exists(made.data) != restores);
        CHECK_FALSE(fs::exists(made.data + ".old"));
      }
      if (!met) break;
    }
    CHECK(failed > 5);
  }
}

TEST_CASE("a restore or rebuild that is killed says so the next time, and can be begun anew") {
  const bool restores = GENERATE(true, false);
  const Made made;
  const std::vector<std::string> command =
      restores ? std::vector<std::string>{"restore", "--from", made.backup, "--data", made.data}
               : std::vector<std::string>{"rebuild", "--data", made.data};
  for (int n = 1;; n += 3) {
    if (restores) fs::remove_all(made.data);
    fs::remove_all(made.data + ".old");
    const Finished killed = tollctl(command, "kill", n);
    INFO(command[0] << ' ' << n << ": " << killed.errors);
    if (killed.status == 0) {
      CHECK(n > 10);
      break;
    }
    CHECK(fs::exists(made.data) != restores);
    const Finished refused = tollctl(command);
    CHECK(refused.status == 1);
    CHECK(refused.errors.find("new.new is there already") != std::string::npos);
    fs::remove_all(made.data + ".new");
    CHECK(tollctl(command).status == 0);
    made.check_whole();
  }
}
