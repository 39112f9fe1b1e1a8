#include "bench/common/program.hpp"

#include <fstream>
#include <iostream>

#include "bench/common/profiled.hpp"

namespace toll::bench {

void add_shapes(CLI::App& app, std::vector<std::string>& shapes) {
  app.add_option("--shape", shapes, "hot, uniform, zipf, ten; several with commas")
      ->delimiter(',')
      ->check(CLI::IsMember({"hot", "uniform", "zipf", "ten"}))
      ->capture_default_str();
}

void add_seconds(CLI::App& app, double& seconds) {
  app.add_option("--seconds", seconds, "Length of each run")
      ->check(CLI::Range(0.01, 600.0))
      ->capture_default_str();
}

void add_threads(CLI::App& app, std::size_t& threads) {
  app.add_option("--threads", threads, "Worker threads of the actors")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
}

void add_directory(CLI::App& app, std::string& directory) {
  app.add_option("--directory", directory, "Where to put the data, on the disk to measure")
      ->check(CLI::ExistingDirectory);
}

int run_program(const char* name, CLI::App& app, int argc, char** argv,
                const std::function<Json()>& bench) {
  std::string json_file, perf_control;
  app.add_option("--json", json_file, "Also write all figures to this file");
  app.add_option("--perf-control", perf_control,
                 "The fifo of a perf that records only what is measured: see bench/profile");
  CLI11_PARSE(app, argc, argv);
  set_perf_control(perf_control);
  try {
    const Json figures = bench();
    if (!json_file.empty()) std::ofstream(json_file) << figures.dump(1) << '\n';
    return 0;
  } catch (const std::exception& error) {
    std::cerr << name << ": " << error.what() << std::endl;
    return 1;
  }
}

}  // namespace toll::bench
