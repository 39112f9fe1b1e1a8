// What the command lines of tolld and tollctl share: how help looks, and what is said of a line
// that cannot be understood.
#pragma once

#include <CLI/App.hpp>
#include <optional>
#include <string>
#include <vector>

namespace toll::http {

inline constexpr int exit_usage = 2;  ///< what the shell and systemd expect of a wrong command line

/// Help in groups and at most 80 columns wide, and `--version`.
void dress(CLI::App& app);

/// The options that the environment sets and the line does not, as further arguments: TOLL_DATA for
/// --data. So the line comes before the environment, and both come before a file.
std::vector<std::string> with_environment(const CLI::App& app, std::vector<std::string> arguments);

/// Runs the application. The code to exit with if help was printed, or if something is wrong with
/// the line: then standard error says what, and code is exit_usage.
std::optional<int> parse(CLI::App& app, std::vector<std::string> arguments);

}  // namespace toll::http
