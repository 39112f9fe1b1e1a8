// The commands that read the journal: `tollctl log` and `tollctl explain`.
#pragma once

#include <CLI/CLI.hpp>

namespace toll::tools {

void add_journal_commands(CLI::App& app);

}  // namespace toll::tools
