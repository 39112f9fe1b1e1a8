// bench/http: the real tolld under a load of our own, over loopback. See bench/README.md.
#include <iostream>

#include "bench/common/program.hpp"
#include "bench/http/lateness.hpp"
#include "bench/http/overload.hpp"
#include "bench/http/soak.hpp"

namespace toll::bench {

namespace {

struct CommandLine {
  HttpOptions http{.tolld = TOLLD_PATH,
                   .server_options = {},
                   .phases = {"livez", "deduct", "end", "mixed"},
                   .connections = {64},
                   .directory = {}};
  std::vector<std::string> shapes{"hot", "uniform", "zipf", "ten"};
  std::size_t sessions = 0;
  LatenessOptions lateness;
  OverloadOptions overload;
  SoakOptions soak;
  bool verify = false;
};

void add_options(CLI::App& app, CommandLine& line) {
  app.add_option("--tolld", line.http.tolld, "The program to measure")
      ->check(CLI::ExistingFile)
      ->capture_default_str();
  app.add_option("--server-option", line.http.server_options, "Passed on to it; repeatable");
  app.add_option("--phase", line.http.phases, "livez, deduct, end, mixed; in this order")
      ->delimiter(',')
      ->check(CLI::IsMember({"livez", "deduct", "end", "mixed"}))
      ->capture_default_str();
  add_shapes(app, line.shapes);
  app.add_option("--connections", line.http.connections, "All phases for each number")
      ->delimiter(',')
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str();
  app.add_option("--sessions", line.sessions, "Default 1000 for hot, else 10000")
      ->check(CLI::Range(1, 9'999'999));
  add_seconds(app, line.http.seconds);
  app.add_option("--rate", line.http.rate,
                 "Requests a second, open loop, latency from when each was due; 0: closed loop")
      ->check(CLI::Range(0.0, 1e7))
      ->capture_default_str();
  app.add_option("--timers", line.lateness.timers,
                 "Instead: the lateness of this many timers by the real clock, while the first "
                 "number of connections plays mixed days")
      ->check(CLI::Range(1, 9'999'999));
  app.add_option("--due-over", line.lateness.due_over_s,
                 "Seconds over which those timers are due; it takes a little more than twice that")
      ->check(CLI::Range(1, 3600))
      ->capture_default_str();
  app.add_option("--overload", line.overload.seconds,
                 "Instead: for so many seconds twice what the server can do, over the first number "
                 "of connections")
      ->check(CLI::Range(0.1, 600.0));
  app.add_option("--few", line.overload.few_connections,
                 "Connections of the closed loop that shows what it can do: fewer than its "
                 "--max-requests")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str();
  app.add_flag("--judge", line.overload.judge,
               "It must answer in bounds meanwhile, and be as before soon after");
  app.add_option("--soak", line.soak.seconds,
                 "Instead: for so many seconds half of what the server can do, over the first "
                 "number of connections")
      ->check(CLI::Range(0.1, 86'400.0));
  app.add_option("--restart-every", line.soak.restart_every_s,
                 "Seconds after which a soaked server is stopped, or killed, and started again")
      ->check(CLI::Range(0.1, 3600.0))
      ->capture_default_str();
  app.add_option("--soak-in", line.soak.home,
                 "A directory for it that is kept, and gone on with by the next run")
      ->check(CLI::ExistingDirectory);
  app.add_flag("--verify", line.verify, "Stop each server and verify its directory");
  add_directory(app, line.http.directory);
}

std::vector<Json> bench_all(const CommandLine& line) {
  std::vector<Json> rows;
  for (const std::string& name : line.shapes) {
    const Shape shape = parse_shape(name);
    HttpBench bench(line.http,
                    Work(shape, line.sessions ? line.sessions : default_sessions(shape)));
    for (Json& row : bench.run()) rows.push_back(std::move(row));
    if (line.verify) bench.verify(TOLLCTL_PATH);
    std::cerr << "done: " << name << ", books agree" << std::endl;
  }
  return rows;
}

std::vector<Json> watch(CommandLine line) {
  line.lateness.connections = line.http.connections.front();
  if (line.verify) line.lateness.verify_with = TOLLCTL_PATH;
  return {watch_timers(line.http, line.lateness)};
}

std::vector<Json> bench_as_asked(const CommandLine& line) {
  if (line.lateness.timers > 0) return watch(line);
  if (line.overload.seconds > 0) {
    OverloadOptions options = line.overload;
    if (line.verify) options.verify_with = TOLLCTL_PATH;
    return overload(line.http, options);
  }
  if (line.soak.seconds > 0) {
    SoakOptions options = line.soak;
    if (line.verify) options.verify_with = TOLLCTL_PATH;
    return soak(line.http, options);
  }
  return bench_all(line);
}

}  // namespace

}  // namespace toll::bench

int main(int argc, char** argv) {
  using namespace toll::bench;
  CLI::App app{"Deductions over HTTP against a tolld of its own, and what else a server is asked."};
  CommandLine line;
  add_options(app, line);
  return run_program("http", app, argc, argv, [&] {
    const std::vector<Json> rows = bench_as_asked(line);
    std::cout << table(rows);
    return Json(rows);
  });
}
