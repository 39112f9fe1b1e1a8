#include "tools/journal_log.hpp"

#include <iostream>
#include <memory>

#include "http/views.hpp"
#include "persistence/backup.hpp"
#include "persistence/journal_reader.hpp"
#include "tools/story.hpp"

namespace toll::tools {

namespace {

struct Wanted {
  std::string data;
  std::string session, subscription, doctor;  ///< empty: any
  billing::Seq from = 1;
  billing::Seq to = UINT64_MAX;
};

/// Whether a fact names the entities that are asked for.
struct Names {
  const Wanted& wanted;

  template <class Fact>
  bool operator()(const Fact& fact) const {
    bool session = wanted.session.empty(), subscription = wanted.subscription.empty(),
         doctor = wanted.doctor.empty();
    if constexpr (requires { fact.session; }) session |= fact.session == wanted.session;
    if constexpr (requires { fact.doctor; }) doctor |= fact.doctor == wanted.doctor;
    if constexpr (requires { fact.subscription; }) {
      subscription |= fact.subscription == wanted.subscription;
    }
    if constexpr (requires { fact.hold; }) gives(subscription, fact.hold);
    if constexpr (requires { fact.taken; }) gives(subscription, fact.taken);
    if constexpr (requires { fact.payer; }) gives(subscription, fact.payer);
    return session && subscription && doctor;
  }

  void gives(bool& subscription, const billing::Hold& hold) const {
    subscription |= hold.subscription == wanted.subscription;
  }
};

void log(const Wanted& wanted) {
  const auto journal = persistence::open_journal(wanted.data);
  std::string line;
  persistence::JournalReader(*journal).each(wanted.from, [&](billing::Record&& record) {
    if (record.seq > wanted.to) return false;
    if (!std::visit(Names{wanted}, record.fact)) return true;
    line.clear();
    http::JsonWriter json(line);
    http::write_event(json, record);
    std::cout << line << '\n';
    return true;
  });
}

void explain(const Wanted& wanted) {
  const auto journal = persistence::open_journal(wanted.data);
  Story story(wanted.session, std::cout);
  persistence::JournalReader(*journal).each(1, [&](billing::Record&& record) {
    story.tell(record);
    return true;
  });
  story.end();
}

}  // namespace

void add_journal_commands(CLI::App& app) {
  const auto wanted = std::make_shared<Wanted>();
  const std::string data = "The data directory, of a running server too; or a backup";

  CLI::App* log_command = app.add_subcommand(
      "log",
      "Prints the journal, checked: a line of JSON for each record, as /v1/events shows it.");
  log_command->add_option("--data", wanted->data, data)->type_name("DIR")->required();
  log_command->add_option("--session", wanted->session, "Only records that name this session")
      ->type_name("ID");
  log_command->add_option("--subscription", wanted->subscription, "... this subscription")
      ->type_name("ID");
  log_command->add_option("--doctor", wanted->doctor, "... this doctor")->type_name("ID");
  log_command->add_option("--from", wanted->from, "The first sequence number")->type_name("SEQ");
  log_command->add_option("--to", wanted->to, "The last sequence number")->type_name("SEQ");
  log_command->callback([wanted] { log(*wanted); });

  CLI::App* explain_command = app.add_subcommand(
      "explain", "Tells the story of a session from the journal: why each unit was taken.");
  explain_command->add_option("session", wanted->session, "Its id")->type_name("ID")->required();
  explain_command->add_option("--data", wanted->data, data)->type_name("DIR")->required();
  explain_command->callback([wanted] { explain(*wanted); });
}

}  // namespace toll::tools
