#include "tools/backups.hpp"

#include <iostream>
#include <memory>

#include "access/token_store.hpp"
#include "persistence/backup.hpp"
#include "persistence/restore.hpp"
#include "tools/progress.hpp"
#include "tools/report.hpp"

namespace toll::tools {

namespace {

struct Places {
  std::string data;
  std::string backup;
  std::string expected;
  bool with_tokens = false;
};

void back_up(const Places& places) {
  const persistence::BackedUp done = persistence::back_up(places.data, places.backup);
  std::cout << "records        " << done.head << ", " << done.added << " of them new\n"
            << "written        " << done.bytes << " bytes, read back and checked\n"
            << "history        " << done.history
            << " (keep it elsewhere: verify and restore compare it with --expect)\n"
            << "backed up\n";
}

/// Who was known to the server of the backup, and will not be to the one that starts on it.
void name_unknown(const std::string& backup) {
  std::string names;
  for (const access::Token& token : access::TokenStore(backup + "/tokens").list()) {
    names += (names.empty() ? "" : ", ") + token.name + " (" + access::text(token.grant) + ')';
  }
  if (names.empty()) return;
  std::cout << "tokens         not restored, so unknown from now on: " << names
            << "; make new ones with tollctl token create, or restore --with-tokens, which brings "
               "back those that were revoked since\n";
}

void restore(const Places& places) {
  need_expected(places.backup, places.expected);
  print(persistence::restore(places.backup, places.data, places.with_tokens, progress()), true);
  if (!places.with_tokens) name_unknown(places.backup);
}

}  // namespace

void add_expect(CLI::App& command, std::string& expected) {
  const auto understood = [](const std::string& text) {
    return persistence::parse_tail(text) ? "" : "\"" + text + "\" is not SEQ:DIGEST";
  };
  command
      .add_option("--expect", expected,
                  "SEQ:DIGEST as an earlier backup printed it: refuses a journal in which that "
                  "record is missing, or its history another one")
      ->option_text("SEQ:DIGEST")
      ->check(understood);
}

void need_expected(const std::string& directory, const std::string& expected) {
  if (expected.empty()) return;
  persistence::need_history(directory, persistence::parse_tail(expected).value());
}

void add_backup_commands(CLI::App& app) {
  const auto places = std::make_shared<Places>();
  const auto command = [&](const char* name, const char* what) {
    CLI::App* added = app.add_subcommand(name, what);
    added->add_option("--data", places->data, "The data directory")->type_name("DIR")->required();
    return added;
  };

  CLI::App* backup =
      command("backup",
              "Adds what is new to a backup, from the first run a whole one; the server may run.");
  backup->add_option("--to", places->backup, "Where the backup is kept")
      ->type_name("DIR")
      ->required();
  backup->callback([places] { back_up(*places); });

  CLI::App* restore =
      command("restore", "Makes a new data directory from a backup, and verifies it.");
  restore->add_option("--from", places->backup, "The backup")->type_name("DIR")->required();
  add_expect(*restore, places->expected);
  restore->add_flag("--with-tokens", places->with_tokens,
                    "Who was known then is known again, those revoked since included");
  restore->callback([places] { tools::restore(*places); });

  CLI::App* rebuild = command("rebuild",
                              "Makes the data directory of a stopped server again from its "
                              "journal; the old one stays as DIR.old.");
  rebuild->callback([places] { print(persistence::rebuild(places->data, progress()), true); });
}

}  // namespace toll::tools
