// bench/recovery: from kill -9 to ready, at once and with an interval due in every session. See
// bench/README.md.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <iostream>

#include "bench/common/process.hpp"
#include "bench/common/program.hpp"
#include "bench/common/server.hpp"
#include "bench/contention/clinic.hpp"
#include "persistence/verify.hpp"

namespace toll::bench {

namespace {

using Clock = std::chrono::steady_clock;

struct Options {
  std::string tolld = TOLLD_PATH;
  std::vector<std::size_t> sessions{1'000, 100'000};
  std::size_t threads = 1;
  bool verify = false;
  std::string directory;
  std::string fill;
};

/// Makes every session, and dies as soon as the last answer has come.
[[noreturn]] void fill_and_die(const std::filesystem::path& data, const Options& options) {
  Clinic clinic(data, options.threads);
  clinic.fill(Work(Shape::uniform, options.sessions.front()));
  raise(SIGKILL);
  _exit(1);
}

/// The same in a process of its own: this program again.
void have_filled(const std::filesystem::path& data, std::size_t sessions, const Options& options) {
  const int status =
      run_to_end({"/proc/self/exe", "--fill-and-die", data.string(), "--sessions",
                  std::to_string(sessions), "--threads", std::to_string(options.threads)});
  if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL) {
    throw std::runtime_error("the sessions could not be made");
  }
}

/// What the journal says; the directory may have been left by a killed server.
void check_books(const std::filesystem::path& data, std::int64_t units) {
  expect_in_books("units taken", persistence::verify(data.string()).units_taken, units);
}

/// The real server on what the killed one left, at this time, until it listens; killed again.
struct Restart {
  double seconds = 0;
  std::int64_t rss_bytes = 0;
};

Restart restart(const std::filesystem::path& data, const char* time, const Options& options,
                std::int64_t live, std::int64_t charged) {
  const auto began = Clock::now();
  Server server(options.tolld, data,
                {"--test-clock", time, "--threads", std::to_string(options.threads)});
  const std::chrono::duration<double> took = Clock::now() - began;
  const std::string metrics = server.get("/metrics");
  expect_in_books("live sessions", metric(metrics, "toll_live_sessions"), live);
  expect_in_books("intervals charged", metric(metrics, "toll_units_deducted_total"), charged);
  const Restart restart{took.count(), usage_of(server.pid()).rss_bytes};
  server.kill();
  return restart;
}

Json recover(std::size_t sessions, const Options& options) {
  const TemporaryDirectory home(options.directory);
  const std::filesystem::path data = home.path() / "data";
  const auto count = static_cast<std::int64_t>(sessions);
  have_filled(data, sessions, options);
  const Restart at_once = restart(data, "2026-01-01T00:00:00Z", options, count, 0);
  const Restart again = restart(data, "2026-01-01T00:00:00Z", options, count, 0);
  const Restart due = restart(data, "2026-01-01T00:10:00Z", options, count, count);
  if (options.verify) check_books(data, count);
  // What the charging adds to the start that it follows, if that is more than starts differ by.
  const double catch_up_s = due.seconds - again.seconds;
  const bool told = catch_up_s > again.seconds / 10;
  return {
      {"sessions", sessions},
      {"restart_s", rounded(at_once.seconds)},
      {"again_s", rounded(again.seconds)},
      {"due_s", rounded(due.seconds)},
      {"catch_up_per_s", told ? Json(rounded(static_cast<double>(count) / catch_up_s)) : Json()},
      {"rss_mib", rounded(static_cast<double>(due.rss_bytes) / (1 << 20))}};
}

void add_options(CLI::App& app, Options& options) {
  app.add_option("--tolld", options.tolld, "The program to restart")
      ->check(CLI::ExistingFile)
      ->capture_default_str();
  app.add_option("--sessions", options.sessions, "Live sessions; a directory for each number")
      ->delimiter(',')
      ->check(CLI::Range(1, 9'999'999))
      ->capture_default_str();
  add_threads(app, options.threads);
  app.add_flag("--verify", options.verify, "Fold each journal again at the end");
  add_directory(app, options.directory);
  app.add_option("--fill-and-die", options.fill,
                 "Only make the sessions in this directory, and end by SIGKILL: how this program "
                 "gets what it restarts");
}

}  // namespace

}  // namespace toll::bench

int main(int argc, char** argv) {
  using namespace toll::bench;
  CLI::App app{"How fast the server is back after kill -9, and with what became due meanwhile."};
  Options options;
  add_options(app, options);
  return run_program("recovery", app, argc, argv, [&] {
    if (!options.fill.empty()) fill_and_die(options.fill, options);
    std::vector<Json> recoveries;
    for (const std::size_t sessions : options.sessions) {
      recoveries.push_back(recover(sessions, options));
    }
    std::cout << table(recoveries);
    return Json(recoveries);
  });
}
