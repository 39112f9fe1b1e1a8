// bench/contention: how fast the engine deducts, in process, on a real disk. See bench/README.md.
#include <iostream>

#include "bench/common/process.hpp"
#include "bench/common/program.hpp"
#include "bench/contention/books.hpp"

namespace toll::bench {

namespace {

struct Options {
  std::vector<std::string> shapes{"hot", "uniform", "zipf", "ten"};
  std::vector<std::size_t> sessions;
  std::vector<std::size_t> clients{64};
  std::size_t subscriptions = 0;
  std::size_t threads = 1;
  double seconds = 3;
  double warm_up_s = 0.5;
  bool verify = false;
  std::string directory;
};

double per(double value, double count) { return count > 0 ? value / count : 0; }

Json figures_of(const RunFigures& run, const Work& work) {
  const auto units = static_cast<double>(run.units);
  return {{"shape", name(work.shape())},
          {"sessions", work.sessions()},
          {"subscriptions", work.subscriptions()},
          {"clients", run.clients},
          {"units", run.units},
          {"requests", run.attempts},
          {"ahead", run.ahead},
          {"units_per_s", rounded(per(units, run.answered_s))},
          {"units_per_s_rows", rounded(per(units, run.caught_up_s))},
          {"requests_per_s", rounded(per(static_cast<double>(run.attempts), run.answered_s))},
          {"records_per_sync",
           rounded(per(static_cast<double>(run.records), static_cast<double>(run.groups)))},
          {"p50_us", rounded(run.latency.quantile_us(0.5))},
          {"p99_us", rounded(run.latency.quantile_us(0.99))},
          {"p999_us", rounded(run.latency.quantile_us(0.999))},
          {"cpu_s_per_million", rounded(per(run.cpu_s * 1e6, units))},
          {"of_it_clients", rounded(per(run.driver_cpu_s * 1e6, units))},
          {"journal_bytes", rounded(per(static_cast<double>(run.journal_bytes), units))}};
}

/// A request that took nothing, nine of ten in one shape, must have written nothing.
RunFigures checked(const RunFigures& run) {
  if (run.records > static_cast<std::uint64_t>(run.units)) {
    throw std::runtime_error("the books disagree: " + std::to_string(run.records) +
                             " records for " + std::to_string(run.units) + " units");
  }
  return run;
}

/// Makes the sessions, and opens the directory anew, so that what follows is the work's alone.
Json prepare(const std::filesystem::path& directory, const Work& work, const Options& options) {
  const auto sessions = static_cast<double>(work.sessions());
  Clinic clinic(directory, options.threads);
  const auto empty_rss = usage_of().rss_bytes;
  const auto began = std::chrono::steady_clock::now();
  clinic.fill(work);
  clinic.catch_up();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  const auto rss = usage_of().rss_bytes;
  return {{"filled_s", rounded(took.count())},
          {"filled_rss_mib", rounded(static_cast<double>(rss) / (1 << 20))},
          {"rss_bytes_per_session", rounded(per(static_cast<double>(rss), sessions))},
          {"rss_growth_per_session", rounded(per(static_cast<double>(rss - empty_rss), sessions))}};
}

/// One directory: its sessions, a run for each number of clients, the books.
Json bench_work(const Work& work, const Options& options) {
  const TemporaryDirectory home(options.directory);
  const std::filesystem::path data = home.path() / "data";
  Json result{{"shape", name(work.shape())},
              {"sessions", work.sessions()},
              {"subscriptions", work.subscriptions()},
              {"fsync_us", rounded(fsync_us(home.path()))}};
  result.update(prepare(data, work, options));
  finish_compaction(data);
  Tally tally(work.sessions());
  const std::int64_t written_before = usage_of().written_bytes;
  {
    Clinic clinic(data, options.threads);
    result["restart_s"] = rounded(clinic.engine().report().seconds);
    Load load(clinic, work, tally);
    checked(load.run(options.clients.front(), std::chrono::duration<double>(options.warm_up_s)));
    for (const std::size_t clients : options.clients) {
      const std::chrono::duration<double> time(options.seconds);
      result["runs"].push_back(figures_of(checked(load.run(clients, time)), work));
    }
    load.finish_round();
    result["rss_mib_after"] = rounded(static_cast<double>(usage_of().rss_bytes) / (1 << 20));
    result["entries_read"] = check_books(clinic, work, tally);
  }
  finish_compaction(data);
  const auto written = static_cast<double>(usage_of().written_bytes - written_before);
  result["units"] = tally.units;
  result["written_bytes_per_unit"] = rounded(per(written, static_cast<double>(tally.units)));
  if (options.verify) verify_directory(data, tally);
  result["books"] = options.verify ? "agree, verified" : "agree";
  return result;
}

/// All runs in one table, all directories in another.
void show(const Json& results) {
  std::vector<Json> runs, directories;
  for (const Json& result : results) {
    for (const Json& run : result["runs"]) runs.push_back(run);
    directories.push_back(result);
    directories.back().erase("runs");
  }
  std::cout << table(runs) << '\n' << table(directories);
}

void add_options(CLI::App& app, Options& options) {
  add_shapes(app, options.shapes);
  app.add_option("--clients", options.clients, "Requests under way; one run for each number")
      ->delimiter(',')
      ->check(CLI::Range(1, 4096))
      ->capture_default_str();
  app.add_option("--sessions", options.sessions,
                 "Live sessions; a directory for each number. Default 1000 for hot, else 10000")
      ->delimiter(',')
      ->check(CLI::Range(1, 9'999'999));
  app.add_option("--subscriptions", options.subscriptions,
                 "How many the sessions draw on (not for hot); 0: one each")
      ->capture_default_str();
  add_threads(app, options.threads);
  add_seconds(app, options.seconds);
  app.add_option("--warm-up", options.warm_up_s, "Seconds before the first run of a directory")
      ->check(CLI::Range(0.01, 600.0))
      ->capture_default_str();
  app.add_flag("--verify", options.verify, "Fold the whole journal again at the end");
  add_directory(app, options.directory);
}

}  // namespace

}  // namespace toll::bench

int main(int argc, char** argv) {
  using namespace toll::bench;
  CLI::App app{"Deductions in process: requests to durable answers, shape by shape."};
  Options options;
  add_options(app, options);
  return run_program("contention", app, argc, argv, [&] {
    Json results = Json::array();
    for (const std::string& name : options.shapes) {
      const Shape shape = parse_shape(name);
      auto counts = options.sessions;
      if (counts.empty()) counts.push_back(default_sessions(shape));
      for (const std::size_t sessions : counts) {
        results.push_back(bench_work(Work(shape, sessions, options.subscriptions), options));
        std::cerr << "done: " << name << ", " << sessions << " sessions" << std::endl;
      }
    }
    show(results);
    return results;
  });
}
