#include "http/authorisation.hpp"

namespace toll::http {

namespace {

using billing::Party;
using billing::Person;

bool is_for(Concerns concerns, const Person& person, const std::string& id) {
  const bool patient = person.party == Party::patient;
  switch (concerns) {
    case Concerns::nobody:
    case Concerns::clock:
      return false;
    case Concerns::patient_in_path:
      return patient && id == person.id;
    case Concerns::doctor_in_path:
      return !patient && id == person.id;
    case Concerns::patient:
      return patient;
    case Concerns::doctor:
      return !patient;
    case Concerns::both:
      return true;
  }
  return false;
}

/// Whether a session's command says nothing in the name of somebody else; the others name nobody.
struct SpeaksForHimself {
  const Person& person;

  bool operator()(const actors::StartSession& command) const {
    return person.party == Party::patient && command.patient == person.id;
  }
  bool operator()(const actors::SendMessage& command) const { return command.from == person.party; }
  bool operator()(const actors::EndSession& command) const { return command.by == person.party; }
  template <class Other>
  bool operator()(const Other&) const {
    return true;
  }
};

}  // namespace

bool may_call(const access::Principal& principal, const Route& route, const std::string& id,
              const Action& action) {
  switch (principal.grant.role) {
    case access::Role::admin:
      return true;
    case access::Role::service:
      return route.concerns != Concerns::clock;
    case access::Role::read:
      return route.method == Method::get;
    case access::Role::patient:
    case access::Role::doctor:
      break;
  }
  const Person person = *principal.person();
  if (!is_for(route.concerns, person, id)) return false;
  const auto* ask = std::get_if<AskEngine>(&action);
  const auto* session = ask ? std::get_if<actors::SessionCommand>(&ask->command) : nullptr;
  return !session || std::visit(SpeaksForHimself{person}, *session);
}

}  // namespace toll::http
