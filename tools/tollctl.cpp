// tollctl: looks after the data directory of a stopped server, and after the tokens of any.
#include <CLI/CLI.hpp>
#include <iostream>

#include "persistence/storage.hpp"
#include "persistence/verify.hpp"
#include "tools/tokens.hpp"

namespace {

void print(const toll::persistence::Verified& found) {
  std::cout << "journal        " << found.groups << " groups, " << found.records
            << " records: checksums, chain and order are right\n"
            << "rows           " << found.rows << " rows at record " << found.applied
            << ": equal to the fold of the journal\n"
            << "sessions       " << found.sessions << ", live " << found.live_sessions
            << ": each live one holds exactly one unit\n"
            << "subscriptions  " << found.subscriptions << ", units taken " << found.units_taken
            << ": granted + refunded = free + held + taken\n"
            << "doctors        " << found.doctors << '\n';
  for (const auto& [currency, amount] : found.earned) {
    std::cout << "earned         " << amount << ' ' << currency.view()
              << " minor units: units taken x rate\n";
  }
  if (found.torn_bytes > 0) {
    std::cout << "torn           " << found.torn_bytes
              << " bytes at the end of the log, never acknowledged\n";
  }
  std::cout << "verified\n";
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Looks after the data of a stopped tolld, and after the tokens of any.", "tollctl");
  app.require_subcommand(1);
  std::string directory;
  CLI::App* verify = app.add_subcommand(
      "verify", "Folds the journal from the beginning and compares everything with it.");
  verify->add_option("--data", directory, "The data directory")->required();
  verify->callback([&] { print(toll::persistence::verify(directory)); });
  toll::tools::add_token_commands(app);
  try {
    app.parse(argc, argv);
    return 0;
  } catch (const CLI::ParseError& error) {
    return app.exit(error);
  } catch (const std::exception& error) {
    std::cerr << "tollctl: " << error.what() << '\n';
    return 1;
  }
}
