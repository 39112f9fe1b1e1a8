#include "tools/directories.hpp"

#include <iostream>
#include <memory>

#include "persistence/give_up.hpp"
#include "persistence/init.hpp"

namespace toll::tools {

void add_directory_commands(CLI::App& app) {
  struct Wanted {
    std::string data;
    billing::Seq after = 0;
  };
  const auto wanted = std::make_shared<Wanted>();

  CLI::App* init = app.add_subcommand(
      "init", "Makes an empty journal, for a server that is started with --existing.");
  init->add_option("--data", wanted->data, "The data directory; made if it is not there")
      ->type_name("DIR")
      ->required();
  init->callback([wanted] {
    persistence::init(wanted->data);
    std::cout << "made an empty journal in " << wanted->data << std::endl;
  });

  CLI::App* give_up = app.add_subcommand(
      "give-up",
      "Accepts that records are lost which a start or verify says are missing: the journal goes on "
      "without them, as another history, and says so in its next record.");
  give_up->add_option("--data", wanted->data, "The data directory of a stopped server")
      ->type_name("DIR")
      ->required();
  give_up->add_option("--after", wanted->after, "The last record that is still there")
      ->type_name("SEQ")
      ->required();
  give_up->callback([wanted] {
    const persistence::GivenUp done = persistence::give_up(wanted->data, wanted->after);
    std::cout << "given up       records " << wanted->after + 1 << " to " << done.lost_to
              << " at least\n"
              << "history        " << done.journal << ", from record " << wanted->after + 1
              << " on: whoever follows the events begins again\n";
  });
}

}  // namespace toll::tools
