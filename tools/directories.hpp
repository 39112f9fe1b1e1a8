// tollctl init and give-up: a data directory's beginning, and the end of a history in it.
#pragma once

#include <CLI/CLI.hpp>

namespace toll::tools {

void add_directory_commands(CLI::App& app);

}  // namespace toll::tools
