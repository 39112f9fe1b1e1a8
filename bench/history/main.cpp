// bench/history: how long a start and a verification take with a long history. See bench/README.md.
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <iostream>

#include "bench/common/process.hpp"
#include "bench/common/program.hpp"
#include "bench/common/server.hpp"
#include "bench/history/maker.hpp"

namespace toll::bench {

namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

struct Options {
  std::string tolld = TOLLD_PATH;
  std::string tollctl = TOLLCTL_PATH;
  History history;
  std::uint64_t memory_mib = 0;
  std::string directory;
  std::string data;
};

double since(Clock::time_point began) {
  return std::chrono::duration<double>(Clock::now() - began).count();
}

/// From being started until it listens.
double start(const fs::path& data, const Options& options) {
  const auto began = Clock::now();
  Server server(options.tolld, data, {"--test-clock", "2028-01-02T00:00:00Z"});
  const double took = since(began);
  server.stop();
  return took;
}

struct Run {
  double seconds = 0;
  double peak_mib = 0;
};

/// Runs `tollctl verify` with as much address space as is allowed, and asks the kernel what it
/// used.
Run verify(const fs::path& data, const Options& options) {
  const auto began = Clock::now();
  const pid_t pid = fork();
  if (pid == 0) {
    if (options.memory_mib > 0) {
      const rlimit limit{options.memory_mib << 20, options.memory_mib << 20};
      setrlimit(RLIMIT_DATA, &limit);
    }
    execl(options.tollctl.c_str(), "tollctl", "verify", "--data", data.c_str(), nullptr);
    _exit(127);
  }
  int status = 0;
  rusage used{};
  if (wait4(pid, &status, 0, &used) != pid || status != 0) {
    throw std::runtime_error("tollctl verify has failed");
  }
  return {since(began), static_cast<double>(used.ru_maxrss) / 1024};
}

std::uint64_t bytes_in(const fs::path& folder) {
  std::uint64_t bytes = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file() && entry.path().filename() != "ballast") bytes += entry.file_size();
  }
  return bytes;
}

Json measure(const Options& options) {
  const TemporaryDirectory home(options.directory);
  const fs::path data = options.data.empty() ? home.path() / "data" : fs::path(options.data);
  Json figures{{"sessions", options.history.sessions},
               {"subscriptions", options.history.subscriptions}};
  if (!fs::exists(data)) {
    const auto began = Clock::now();
    const Made made = make_history(data.string(), options.history);
    figures["records"] = made.records;
    figures["journal_gb"] = rounded(static_cast<double>(made.journal_bytes) / 1e9);
    figures["made_s"] = rounded(since(began));
  }
  figures["disk_gb"] = rounded(static_cast<double>(bytes_in(data)) / 1e9);
  start(home.path() / "empty", options);
  start(data, options);  // makes what it lacks, such as the ballast
  figures["start_empty_s"] = rounded(start(home.path() / "empty", options));
  figures["start_s"] = rounded(start(data, options));
  const Run run = verify(data, options);
  figures["verify_s"] = rounded(run.seconds);
  figures["verify_peak_mib"] = rounded(run.peak_mib);
  return figures;
}

void add_options(CLI::App& app, Options& options) {
  app.add_option("--tolld", options.tolld, "The program to start")
      ->check(CLI::ExistingFile)
      ->capture_default_str();
  app.add_option("--tollctl", options.tollctl, "The program that verifies")
      ->check(CLI::ExistingFile)
      ->capture_default_str();
  app.add_option("--sessions", options.history.sessions, "Sessions, all of them over")
      ->check(CLI::Range(1, 999'999'999))
      ->capture_default_str();
  app.add_option("--subscriptions", options.history.subscriptions,
                 "Subscriptions that they drew on")
      ->check(CLI::Range(1, 999'999'999))
      ->capture_default_str();
  app.add_option("--charges", options.history.charges, "Intervals that each session was charged")
      ->check(CLI::Range(0, 1'000))
      ->capture_default_str();
  app.add_option("--refunds", options.history.refunds,
                 "Units of each session that were given back, with a reason of 4 KB")
      ->capture_default_str();
  app.add_option("--memory-mib", options.memory_mib,
                 "What tollctl verify may allocate, 0: no limit");
  app.add_option("--data", options.data,
                 "Measure this directory, and leave it there; it is made if it is not");
  add_directory(app, options.directory);
}

}  // namespace

}  // namespace toll::bench

int main(int argc, char** argv) {
  using namespace toll::bench;
  CLI::App app{"How long a start and a verification take with a long history."};
  Options options;
  add_options(app, options);
  return run_program("history", app, argc, argv, [&] {
    if (options.history.refunds > options.history.charges) {
      throw std::runtime_error("--refunds is more than --charges");
    }
    const Json figures = measure(options);
    std::cout << table({figures});
    return figures;
  });
}
