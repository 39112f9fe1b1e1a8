// The books against the folded entities, and the books against themselves.
#include "billing/invariants.hpp"

namespace toll::billing {

namespace {

Violation differs(const char* kind, const std::string& id, const char* what) {
  return std::string(kind) + ' ' + id + ": " + what + " differ from what the records say";
}

}  // namespace

Violation Books::compare(const Session& session) const {
  const auto differ = [&](const char* what) { return differs("session", session.id, what); };
  const auto found = sessions_.find(session.id);
  if (found == sessions_.end()) return differ("existence");
  const SessionBook& book = found->second;
  if (session.version != book.version) return differ("versions");
  if (session.units_used != book.units) return differ("units used");
  if (session.units_refunded != book.refunded) return differ("units refunded");
  if (session.intervals_processed != book.intervals) return differ("intervals processed");
  if (session.manual_applied != book.manual) return differ("manual units");
  if (session.hold != book.hold) return differ("held units");
  return violation(session);
}

Violation Books::compare(const Subscription& subscription) const {
  const auto differ = [&](const char* what) {
    return differs("subscription", subscription.id, what);
  };
  const auto found = subscriptions_.find(subscription.id);
  if (found == subscriptions_.end()) return differ("existence");
  const SubscriptionBook& book = found->second;
  if (subscription.version != book.version) return differ("versions");
  if (subscription.granted != book.granted) return differ("units granted");
  if (subscription.taken != book.taken) return differ("units taken");
  if (subscription.held != book.held) return differ("units held");
  if (subscription.refunded != book.refunded) return differ("units refunded");
  return violation(subscription);
}

Violation Books::compare(const Doctor& doctor) const {
  const auto differ = [&](const char* what) { return differs("doctor", doctor.id, what); };
  const auto found = doctors_.find(doctor.id);
  if (found == doctors_.end()) return differ("existence");
  const DoctorBook& book = found->second;
  if (doctor.version != book.version) return differ("versions");
  if (doctor.currency != book.currency) return differ("currencies");
  if (doctor.earned != book.earned) return differ("earnings");
  if (doctor.pending != book.pending) return differ("pending withdrawals");
  if (doctor.withdrawn != book.withdrawn) return differ("paid withdrawals");
  return violation(doctor);
}

Violation Books::compare(const Withdrawal& withdrawal) const {
  const auto found = withdrawals_.find(withdrawal.id);
  const bool same = found != withdrawals_.end() && found->second.doctor == withdrawal.doctor &&
                    found->second.amount == withdrawal.amount &&
                    found->second.status == withdrawal.status;
  return same ? Violation() : differs("withdrawal", withdrawal.id, "its doctor, amount or status");
}

namespace {

/// A number for a unit of a channel that is held on a subscription.
std::uint64_t unit_of(const std::string& subscription, Channel channel) {
  return (std::hash<std::string>()(subscription) | 1) * (2 * index(channel) + 1);
}

}  // namespace

void BookTotals::add(const BookTotals& other) {
  sessions += other.sessions;
  subscriptions += other.subscriptions;
  doctors += other.doctors;
  live_sessions += other.live_sessions;
  units_of_sessions += other.units_of_sessions;
  units_taken += other.units_taken;
  for (const auto& [currency, amount] : other.pay) pay[currency] += amount;
  for (const auto& [currency, amount] : other.earned) earned[currency] += amount;
  held += other.held;
}

void BookTotals::subtract(const BookTotals& other) {
  sessions -= other.sessions;
  subscriptions -= other.subscriptions;
  doctors -= other.doctors;
  live_sessions -= other.live_sessions;
  units_of_sessions -= other.units_of_sessions;
  units_taken -= other.units_taken;
  for (const auto& [currency, amount] : other.pay) pay[currency] -= amount;
  for (const auto& [currency, amount] : other.earned) earned[currency] -= amount;
  held -= other.held;
}

Violation BookTotals::violation() const {
  if (held != 0) return "held units and live sessions differ in total";
  if (units_of_sessions != units_taken) {
    return "units of sessions and of subscriptions differ in total";
  }
  for (const auto& [currency, amount] : earned) {
    const auto found = pay.find(currency);
    if (amount != (found == pay.end() ? 0 : found->second)) {
      return "pay of sessions and of doctors differ in total";
    }
  }
  return std::nullopt;
}

void Books::count(BookTotals& totals, const SessionBook& book) {
  ++totals.sessions;
  totals.live_sessions += book.hold ? 1 : 0;
  totals.units_of_sessions += book.units;
  totals.pay[book.currency] += book.pay;
  if (book.hold) totals.held += unit_of(book.hold->subscription, book.channel);
}

void Books::count(BookTotals& totals, const std::string& id, const SubscriptionBook& book) {
  ++totals.subscriptions;
  for (const Channel channel : channels) {
    totals.units_taken += book.taken[index(channel)];
    totals.held -= static_cast<std::uint64_t>(book.held[index(channel)]) * unit_of(id, channel);
  }
}

BookTotals Books::totals() const {
  BookTotals totals = closed_;
  for (const auto& [id, session] : sessions_) count(totals, session);
  for (const auto& [id, subscription] : subscriptions_) count(totals, id, subscription);
  totals.doctors += doctors_.size();
  for (const auto& [id, doctor] : doctors_) totals.earned[doctor.currency] += doctor.earned;
  totals.subtract(opened_);
  return totals;
}

void Books::open(const Session& session) {
  SessionBook book;
  book.version = session.version;
  book.channel = session.channel;
  book.doctor = session.doctor;
  book.currency = session.currency;
  book.policy_version = session.policy_version;
  book.intervals = session.intervals_processed;
  book.units = session.units_used;
  book.refunded = session.units_refunded;
  if (const auto of_one = rate(book)) book.pay = of_one->amount * (book.units - book.refunded);
  book.manual = session.manual_applied;
  book.hold = session.hold;
  count(opened_, book);
  sessions_.emplace(session.id, std::move(book));
}

void Books::open(const Subscription& subscription) {
  const SubscriptionBook book{subscription.version, subscription.granted, subscription.taken,
                              subscription.held, subscription.refunded};
  count(opened_, subscription.id, book);
  subscriptions_.emplace(subscription.id, book);
}

void Books::open(const Doctor& doctor) {
  ++opened_.doctors;
  opened_.earned[doctor.currency] += doctor.earned;
  doctors_.emplace(doctor.id, DoctorBook{doctor.version, doctor.currency, doctor.earned,
                                         doctor.pending, doctor.withdrawn});
}

void Books::open(const Withdrawal& withdrawal) {
  withdrawals_.emplace(withdrawal.id,
                       WithdrawalBook{withdrawal.doctor, withdrawal.amount, withdrawal.status});
}

void Books::close_session(const std::string& id, Books& closed) {
  const auto found = sessions_.find(id);
  if (found == sessions_.end() || found->second.hold) return;
  count(closed_, found->second);
  closed.sessions_.insert(sessions_.extract(found));
}

void Books::close_subscription(const std::string& id, Books& closed) {
  const auto found = subscriptions_.find(id);
  if (found == subscriptions_.end()) return;
  count(closed_, id, found->second);
  closed.subscriptions_.insert(subscriptions_.extract(found));
}

void Books::close_withdrawal(const std::string& id, Books& closed) {
  const auto found = withdrawals_.find(id);
  if (found == withdrawals_.end()) return;
  closed.withdrawals_.insert(withdrawals_.extract(found));
}

Violation Books::compare_totals() const {
  std::unordered_map<std::string, Units> held;
  for (const auto& [id, session] : sessions_) {
    if (session.hold) held[session.hold->subscription][index(session.channel)] += 1;
  }
  for (const auto& [id, subscription] : subscriptions_) {
    const auto found = held.find(id);
    if (subscription.held != (found == held.end() ? Units{} : found->second)) {
      return differs("subscription", id, "held units and live sessions");
    }
  }
  return totals().violation();
}

}  // namespace toll::billing
