#include "tools/backups.hpp"

#include <iostream>
#include <memory>

#include "persistence/backup.hpp"
#include "persistence/restore.hpp"
#include "tools/report.hpp"

namespace toll::tools {

namespace {

struct Places {
  std::string data;
  std::string backup;
};

void back_up(const Places& places) {
  const persistence::BackedUp done = persistence::back_up(places.data, places.backup);
  std::cout << "records        " << done.head << ", " << done.added << " of them new\n"
            << "written        " << done.bytes << " bytes, read back and checked\n"
            << "backed up\n";
}

}  // namespace

void add_backup_commands(CLI::App& app) {
  const auto places = std::make_shared<Places>();
  const auto command = [&](const char* name, const char* what) {
    CLI::App* added = app.add_subcommand(name, what);
    added->add_option("--data", places->data, "The data directory")->required();
    return added;
  };

  CLI::App* backup =
      command("backup",
              "Adds what is new to a backup, from the first run a whole one; the server may run.");
  backup->add_option("--to", places->backup, "Where the backup is kept")->required();
  backup->callback([places] { back_up(*places); });

  CLI::App* restore =
      command("restore", "Makes a new data directory from a backup, and verifies it.");
  restore->add_option("--from", places->backup, "The backup")->required();
  restore->callback([places] { print(persistence::restore(places->backup, places->data), true); });

  CLI::App* rebuild = command("rebuild",
                              "Makes the data directory of a stopped server again from its "
                              "journal; the old one stays as DIR.old.");
  rebuild->callback([places] { print(persistence::rebuild(places->data), true); });
}

}  // namespace toll::tools
