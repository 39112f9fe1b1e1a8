// bench/recovery: restart to ready, catch-up of what became due meanwhile, and how late timers are.
// See bench/README.md.
#include <iostream>

#include "bench/common/process.hpp"
#include "bench/common/program.hpp"
#include "bench/contention/clinic.hpp"
#include "bench/recovery/lateness.hpp"
#include "persistence/verify.hpp"

namespace toll::bench {

namespace {

struct Options {
  std::vector<std::size_t> sessions{1'000, 100'000};
  std::size_t threads = 1;
  std::size_t timers = 0;
  std::int64_t interval_s = 600;
  std::size_t clients = 64;
  bool verify = false;
  std::string directory;
};

/// Two starts of one directory: at once, and when each session has an interval due.
Json recover(std::size_t sessions, const Options& options) {
  const TemporaryDirectory home(options.directory);
  const std::filesystem::path data = home.path() / "data";
  const auto count = static_cast<std::int64_t>(sessions);
  Clinic(data, options.threads).fill(Work(Shape::uniform, sessions));
  Json row{{"sessions", sessions}};
  {
    Clinic clinic(data, options.threads);
    expect_in_books("live sessions",
                    static_cast<std::int64_t>(clinic.engine().report().live_sessions), count);
    row["restart_s"] = rounded(clinic.engine().report().seconds);
  }
  {
    Clinic clinic(data, options.threads, 1);
    const actors::StartReport& report = clinic.engine().report();
    expect_in_books("intervals charged", report.intervals_charged, count);
    row["restart_due_s"] = rounded(report.seconds);
    row["catch_up_per_s"] = rounded(static_cast<double>(count) / report.seconds);
    row["rss_mib"] = rounded(static_cast<double>(usage_of().rss_bytes) / (1 << 20));
  }
  if (options.verify) {
    expect_in_books("units taken", persistence::verify(data.string()).units_taken, count);
  }
  return row;
}

Json timers(const Options& options) {
  const TemporaryDirectory home(options.directory);
  const std::filesystem::path data = home.path() / "data";
  const Lateness lateness = watch_timers(data, options.timers, options.interval_s, options.clients);
  if (options.verify) {
    expect_in_books("units taken", persistence::verify(data.string()).units_taken,
                    lateness.charged);
  }
  return {{"timers", options.timers},
          {"interval_s", options.interval_s},
          {"fired", lateness.timers.count()},
          {"charged", lateness.charged},
          {"late_p50_ms", rounded(lateness.timers.quantile_us(0.5) / 1000)},
          {"late_p99_ms", rounded(lateness.timers.quantile_us(0.99) / 1000)},
          {"late_max_ms", rounded(lateness.timers.max_us() / 1000)},
          {"load_per_s", rounded(lateness.load_per_s)}};
}

void add_options(CLI::App& app, Options& options) {
  app.add_option("--sessions", options.sessions, "Live sessions; a directory for each number")
      ->delimiter(',')
      ->check(CLI::Range(1, 9'999'999))
      ->capture_default_str();
  add_threads(app, options.threads);
  app.add_option(
         "--timers", options.timers,
         "Also watch the timers of this many sessions by the real clock: takes two intervals")
      ->capture_default_str();
  app.add_option("--interval", options.interval_s, "Seconds of an interval of those sessions")
      ->check(CLI::Range(1, 3600))
      ->capture_default_str();
  app.add_option("--clients", options.clients, "Clients that keep the engine busy meanwhile")
      ->check(CLI::Range(1, 2048))
      ->capture_default_str();
  app.add_flag("--verify", options.verify, "Fold each journal again at the end");
  add_directory(app, options.directory);
}

}  // namespace

}  // namespace toll::bench

int main(int argc, char** argv) {
  using namespace toll::bench;
  CLI::App app{"How fast the engine is back, and how punctual its timers are under load."};
  Options options;
  add_options(app, options);
  return run_program("recovery", app, argc, argv, [&] {
    std::vector<Json> recoveries, lateness;
    for (const std::size_t sessions : options.sessions) {
      recoveries.push_back(recover(sessions, options));
    }
    if (options.timers > 0) lateness.push_back(timers(options));
    std::cout << table(recoveries) << '\n' << table(lateness);
    return Json{{"recovery", recoveries}, {"timers", lateness}};
  });
}
