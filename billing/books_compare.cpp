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

Violation Books::compare_totals() const {
  std::unordered_map<std::string, Units> held;
  std::map<Currency, std::int64_t> pay;
  std::int64_t units = 0;
  for (const auto& [id, session] : sessions_) {
    if (session.hold) held[session.hold->subscription][index(session.channel)] += 1;
    pay[session.currency] += session.pay;
    units += session.units;
  }
  for (const auto& [id, subscription] : subscriptions_) {
    const auto found = held.find(id);
    if (subscription.held != (found == held.end() ? Units{} : found->second)) {
      return differs("subscription", id, "held units and live sessions");
    }
  }
  if (units != units_taken()) return "units of sessions and of subscriptions differ in total";
  for (const auto& [currency, amount] : earned()) {
    if (amount != pay[currency]) return "pay of sessions and of doctors differ in total";
  }
  return std::nullopt;
}

std::int64_t Books::live_sessions() const {
  std::int64_t live = 0;
  for (const auto& [id, session] : sessions_) live += session.hold ? 1 : 0;
  return live;
}

std::int64_t Books::units_taken() const {
  std::int64_t units = 0;
  for (const auto& [id, subscription] : subscriptions_) {
    for (const std::int64_t taken : subscription.taken) units += taken;
  }
  return units;
}

std::map<Currency, std::int64_t> Books::earned() const {
  std::map<Currency, std::int64_t> earned;
  for (const auto& [id, doctor] : doctors_) earned[doctor.currency] += doctor.earned;
  return earned;
}

}  // namespace toll::billing
