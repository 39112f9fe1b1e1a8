// tollctl token: who may use the API.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>

namespace toll::tools {

/// Adds `token` with its own subcommands; what the command line asks for is done while it is
/// parsed. Errors are exceptions with a sentence.
void add_token_commands(CLI::App& app);

}  // namespace toll::tools
