#include "billing/person.hpp"

namespace toll::billing {

bool concerns(const Session& session, const Person& person) {
  return person.id == (person.party == Party::patient ? session.patient : session.doctor);
}

bool concerns(const Subscription& subscription, const Person& person) {
  return person.party == Party::patient && may_use(subscription, person.id);
}

}  // namespace toll::billing
