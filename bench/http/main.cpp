// bench/http: the real tolld under a load of our own, over loopback. See bench/README.md.
#include <iostream>

#include "bench/common/program.hpp"
#include "bench/http/lateness.hpp"

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
      ->check(CLI::Range(1, 4000))
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

}  // namespace

}  // namespace toll::bench

int main(int argc, char** argv) {
  using namespace toll::bench;
  CLI::App app{"Deductions over HTTP against a tolld of its own, and what else a server is asked."};
  CommandLine line;
  add_options(app, line);
  return run_program("http", app, argc, argv, [&] {
    const std::vector<Json> rows = line.lateness.timers > 0 ? watch(line) : bench_all(line);
    std::cout << table(rows);
    return Json(rows);
  });
}
