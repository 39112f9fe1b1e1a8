// tollctl clock: how server time stands to the wall clock, and an operator's word about it.
#pragma once

#include <CLI/CLI.hpp>

namespace toll::tools {

void add_clock_command(CLI::App& app);

}  // namespace toll::tools
