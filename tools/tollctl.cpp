// tollctl: looks after data directories, backups and tokens.
#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>

#include "access/secret_file.hpp"
#include "http/usage.hpp"
#include "persistence/backup.hpp"
#include "persistence/storage.hpp"
#include "persistence/verify.hpp"
#include "tools/backups.hpp"
#include "tools/clock.hpp"
#include "tools/directories.hpp"
#include "tools/journal_log.hpp"
#include "tools/progress.hpp"
#include "tools/report.hpp"
#include "tools/tokens.hpp"

namespace {

constexpr const char* examples =
    "tollctl COMMAND --help says more of a command. Wrong lines end with 2,\n"
    "everything else that goes wrong with 1.\n"
    "\n"
    "Examples:\n"
    "  tollctl token create --data /var/lib/toll --name backend --role service\n"
    "  tollctl backup --data /var/lib/toll --to /backup/toll\n"
    "  tollctl verify --data /backup/toll\n"
    "  tollctl explain c1 --data /var/lib/toll\n";

/// Of a stopped server's directory, or of a backup.
void verify(const std::string& directory, const std::string& expected, bool since_last) {
  using namespace toll::persistence;
  const bool is_backup = std::filesystem::exists(directory + "/BACKUP");
  if (is_backup && since_last) {
    throw StorageError(
        "a backup has no rows to begin with: verify all of it, without --since-last");
  }
  toll::tools::need_expected(directory, expected);
  const Progress progress = toll::tools::progress();
  toll::tools::print(is_backup    ? verify_backup(directory, progress)
                     : since_last ? verify_since_last(directory, progress)
                                  : toll::persistence::verify(directory, progress),
                     !is_backup);
}

}  // namespace

int main(int argc, char** argv) {
  toll::access::keep_memory_private();  // it shows new tokens, and reads what is known of others
  toll::access::keep_files_private();
  CLI::App app("Looks after the data and the tokens of tolld.", "tollctl");
  toll::http::dress(app);
  app.footer(examples);
  app.require_subcommand(1);
  std::string directory;
  std::string expected;
  CLI::App* verify_command = app.add_subcommand(
      "verify", "Folds the journal from the beginning and compares everything with it.");
  verify_command
      ->add_option("--data", directory, "The data directory of a stopped server; or a backup")
      ->type_name("DIR")
      ->required();
  toll::tools::add_expect(*verify_command, expected);
  bool since_last = false;
  verify_command->add_flag(
      "--since-last", since_last,
      "Begins at the last good verification with --since-last, which is kept in the directory; "
      "groups before it are not read again. Verifies everything if there is none");
  verify_command->callback([&] { verify(directory, expected, since_last); });
  toll::tools::add_backup_commands(app);
  toll::tools::add_clock_command(app);
  toll::tools::add_directory_commands(app);
  toll::tools::add_journal_commands(app);
  toll::tools::add_token_commands(app);
  try {
    return toll::http::parse(app, {argv + 1, argv + argc}).value_or(0);
  } catch (const std::exception& error) {
    std::cerr << "tollctl: " << error.what() << '\n';
    return 1;
  }
}
