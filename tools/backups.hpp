// The commands `tollctl backup`, `restore` and `rebuild`.
#pragma once

#include <CLI/CLI.hpp>

namespace toll::tools {

void add_backup_commands(CLI::App& app);

/// The option --expect, and what it asks for. Throws StorageError.
void add_expect(CLI::App& command, std::string& expected);
void need_expected(const std::string& directory, const std::string& expected);

}  // namespace toll::tools
