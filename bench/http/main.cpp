// bench/http: the real tolld under a load of our own, over loopback. See bench/README.md.
#include <CLI/CLI.hpp>
#include <fstream>
#include <iostream>

#include "bench/http/bench.hpp"

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
  bool verify = false;
  std::string json_file;
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
  app.add_option("--shape", line.shapes, "hot, uniform, zipf, ten; a server for each")
      ->delimiter(',')
      ->check(CLI::IsMember({"hot", "uniform", "zipf", "ten"}))
      ->capture_default_str();
  app.add_option("--connections", line.http.connections, "All phases for each number")
      ->delimiter(',')
      ->check(CLI::Range(1, 4000))
      ->capture_default_str();
  app.add_option("--sessions", line.sessions, "Default 1000 for hot, else 10000")
      ->check(CLI::Range(1, 9'999'999));
  app.add_option("--seconds", line.http.seconds, "Length of each phase")
      ->check(CLI::Range(0.01, 600.0))
      ->capture_default_str();
  app.add_option("--rate", line.http.rate,
                 "Requests a second, open loop, latency from when each was due; 0: closed loop")
      ->check(CLI::Range(0.0, 1e7))
      ->capture_default_str();
  app.add_flag("--verify", line.verify, "Stop each server and verify its directory");
  app.add_option("--directory", line.http.directory, "Where to put the data")
      ->check(CLI::ExistingDirectory);
  app.add_option("--json", line.json_file, "Also write all figures to this file");
}

std::vector<Json> bench_all(const CommandLine& line) {
  std::vector<Json> rows;
  for (const std::string& shape : line.shapes) {
    const std::size_t sessions = line.sessions ? line.sessions : shape == "hot" ? 1'000 : 10'000;
    HttpBench bench(line.http, Work(parse_shape(shape), sessions));
    for (Json& row : bench.run()) rows.push_back(std::move(row));
    if (line.verify) bench.verify(TOLLCTL_PATH);
    std::cerr << "done: " << shape << ", books agree" << std::endl;
  }
  return rows;
}

}  // namespace

}  // namespace toll::bench

int main(int argc, char** argv) {
  using namespace toll::bench;
  CLI::App app{"Deductions over HTTP against a tolld of its own, and what else a server is asked."};
  CommandLine line;
  add_options(app, line);
  CLI11_PARSE(app, argc, argv);
  try {
    const std::vector<Json> rows = bench_all(line);
    std::cout << table(rows);
    if (!line.json_file.empty()) std::ofstream(line.json_file) << Json(rows).dump(1) << '\n';
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "http: " << error.what() << std::endl;
    return 1;
  }
}
