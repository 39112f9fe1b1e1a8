#include "persistence/charges.hpp"

#include <algorithm>
#include <numeric>

#include "billing/assert.hpp"

namespace toll::persistence {

using namespace billing;

template <>
void Charges::add<Subscription>(const Charged& fact, Instant instant) {
  at = std::max(at, instant);
  std::int64_t& sum = units[index(fact.channel)];
  sum = checked_add(sum, fact.units);
}

template <>
void Charges::add<Session>(const Charged& fact, Instant instant) {
  if (records == 0) {
    first_version = fact.version;
    first_interval = fact.first_interval;
  }
  TOLL_ASSERT(fact.version == first_version + records);
  ++records;
  add<Subscription>(fact, instant);
}

template <>
void Charges::add<Doctor>(const Charged& fact, Instant) {
  if (!pay) pay = Money{0, fact.pay.currency};
  TOLL_ASSERT(pay->currency == fact.pay.currency);
  pay->amount = checked_add(pay->amount, fact.pay.amount);
}

bool Charges::add(const Charges& later) {
  if (later.first_version != first_version + records) return false;
  if (pay.has_value() != later.pay.has_value()) return false;
  records += later.records;
  at = std::max(at, later.at);
  for (const Channel channel : channels) {
    std::int64_t& sum = units[index(channel)];
    sum = checked_add(sum, later.units[index(channel)]);
  }
  if (pay) {
    if (pay->currency != later.pay->currency) return false;
    pay->amount = checked_add(pay->amount, later.pay->amount);
  }
  places.add(later.places);
  return true;
}

void apply(Row<Session>& row, const Charges& charges) {
  Session& session = row.entity;
  TOLL_ASSERT(session.hold);
  Charged fact;
  fact.session = session.id;
  fact.version = charges.first_version;
  fact.channel = session.channel;
  fact.first_interval = charges.first_interval;
  fact.units = charges.units[index(session.channel)];
  fact.taken = fact.hold = *session.hold;
  billing::apply(session, fact, charges.at);
  session.version += charges.records - 1;
  row.newest.add(charges.places);
}

void apply(Row<Subscription>& row, const Charges& charges) {
  Charged fact;
  fact.taken.subscription = fact.hold.subscription = row.entity.id;
  for (const Channel channel : channels) {
    fact.channel = channel;
    fact.units = charges.units[index(channel)];
    billing::apply(row.entity, fact, charges.at);
  }
}

void apply(Row<Doctor>& row, const Charges& charges) {
  TOLL_ASSERT(charges.pay);
  Charged fact;
  fact.doctor = row.entity.id;
  fact.pay = *charges.pay;
  billing::apply(row.entity, fact);
  row.newest.add(charges.places);
}

}  // namespace toll::persistence
