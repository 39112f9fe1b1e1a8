// What all benches have in common as programs: some of their options, and the frame around them.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

#include "bench/common/report.hpp"

namespace toll::bench {

void add_shapes(CLI::App& app, std::vector<std::string>& shapes);
void add_seconds(CLI::App& app, double& seconds);
void add_threads(CLI::App& app, std::size_t& threads);
void add_directory(CLI::App& app, std::string& directory);

/// Adds --json, reads the command line, and runs `bench`, which shows its figures and gives them
/// for the file. The exit status: 1 with the reason on standard error when the bench threw.
int run_program(const char* name, CLI::App& app, int argc, char** argv,
                const std::function<Json()>& bench);

}  // namespace toll::bench
