#include "tools/tokens.hpp"

#include <iomanip>
#include <iostream>

#include "access/token_store.hpp"
#include "persistence/durable_file.hpp"

namespace toll::tools {

namespace {

/// What the command line says; lives as long as the application.
struct Arguments {
  std::string data;
  std::string file;
  std::string name;
  std::string role;
  bool wait = false;

  access::TokenStore store() const {
    return access::TokenStore(file.empty() ? data + "/tokens" : file);
  }
};

void create(const Arguments& arguments) {
  const auto grant = access::parse_grant(arguments.role);
  if (!grant) {
    throw access::TokenError("the role must be admin, service, read, patient:ID or doctor:ID");
  }
  // The first token may be made before the server has made its directory.
  if (!arguments.data.empty()) persistence::make_directory(arguments.data);
  const std::string token = arguments.store().create(arguments.name, *grant);
  std::cout << token << std::endl;
  std::cerr << "This is the only time that the token is shown; a running server takes it within "
               "a second.\n";
}

void list(const Arguments& arguments) {
  const auto row = [](const auto& name, const auto& role, const auto& created, const auto& id) {
    std::cout << std::left << std::setw(24) << name << ' ' << std::setw(24) << role << ' '
              << std::setw(21) << created << id << '\n';
  };
  row("NAME", "ROLE", "CREATED", "ID");
  for (const access::Token& token : arguments.store().list()) {
    row(token.name, text(token.grant), token.created, token.id);
  }
}

/// Longer than a server believes the tokens of a file that it cannot read.
constexpr std::chrono::seconds longest_wait{75};

void revoke(const Arguments& arguments) {
  access::TokenStore store = arguments.store();
  store.revoke(arguments.name);
  if (arguments.wait && !store.wait_until_in_force(longest_wait)) {
    throw access::TokenError(
        "revoked in the file, but a server still goes by an earlier one after " +
        std::to_string(longest_wait.count()) + " s: is it stopped, or stuck?");
  }
  std::cout << "revoked " << arguments.name << std::endl;
}

CLI::App* add(CLI::App& app, const std::shared_ptr<Arguments>& arguments, const char* name,
              const char* what, void (*act)(const Arguments&)) {
  CLI::App* command = app.add_subcommand(name, what);
  CLI::Option_group* where = command->add_option_group("where", "Which tokens; one of the two");
  where->add_option("--data", arguments->data, "Those of the server with this data directory")
      ->type_name("DIR");
  where->add_option("--token-file", arguments->file, "Those of the server with this --token-file")
      ->type_name("FILE");
  where->require_option(1);
  command->callback([arguments, act] { act(*arguments); });
  return command;
}

}  // namespace

void add_token_commands(CLI::App& app) {
  const auto arguments = std::make_shared<Arguments>();
  CLI::App* token = app.add_subcommand(
      "token", "Makes, lists and revokes the tokens of the API; the server may be running.");
  token->require_subcommand(1);
  CLI::App* create_command =
      add(*token, arguments, "create", "Makes a token and prints it, this once.", create);
  create_command
      ->add_option("--name", arguments->name,
                   "Who uses it: 1 to 64 of A-Z a-z 0-9 . _ -, no other token's")
      ->type_name("NAME")
      ->required();
  create_command
      ->add_option("--role", arguments->role,
                   "admin: everything; service: a backend, all money and all sessions; read: every "
                   "GET; patient:ID or doctor:ID: what concerns one of them")
      ->type_name("ROLE")
      ->required();
  add(*token, arguments, "list", "Prints name, role, time and id of each token.", list);
  CLI::App* revoke_command = add(*token, arguments, "revoke", "Ends a token for good.", revoke);
  revoke_command->add_option("--name", arguments->name, "Its name")->type_name("NAME")->required();
  revoke_command->add_flag("--wait", arguments->wait,
                           "Return when no server takes the token any more; at most 75 s, else 1");
}

}  // namespace toll::tools
