// The commands `tollctl backup`, `restore` and `rebuild`.
#pragma once

#include <CLI/CLI.hpp>

namespace toll::tools {

void add_backup_commands(CLI::App& app);

}  // namespace toll::tools
