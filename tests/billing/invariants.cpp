// "Invariants" of docs/RULES.md, checked on a world from its records alone.
#include <map>
#include <set>

#include "billing/statement.hpp"
#include "tests/billing/world.hpp"

namespace toll::tests {

namespace {

/// What the statement lines and wallet entries of a journal add up to.
struct Sums {
  std::map<std::string, std::int64_t> taken_for;     ///< by session
  std::map<std::string, std::int64_t> paid_for;      ///< by session
  std::map<std::string, std::int64_t> manual;        ///< by session
  std::map<std::string, std::int64_t> refunded_for;  ///< by session
  std::map<std::pair<std::string, Channel>, std::int64_t> taken_from;
  std::map<std::pair<std::string, Channel>, std::int64_t> refunded_to;
  std::map<std::string, std::int64_t> entries;  ///< by doctor
  std::set<std::string> debtors;                ///< doctors of whom pay was taken back
  std::set<std::pair<std::string, std::int64_t>> intervals;
  std::string fault;
};

std::string session_of(const Fact& fact) {
  return std::visit(
      [](const auto& f) -> std::string {
        if constexpr (requires { f.session; }) return f.session;
        return "";
      },
      fact);
}

void add(Sums& sums, const Record& record, const World& world) {
  const std::string id = session_of(record.fact);
  std::int64_t paid = 0;
  for (const StatementLine& line : statement_lines(record)) {
    const bool back = line.kind == LineKind::refund;
    (back ? sums.refunded_for : sums.taken_for)[id] += line.units;
    sums.paid_for[id] += line.pay.amount;
    paid += line.pay.amount;
    auto& units = back ? sums.refunded_to : sums.taken_from;
    if (line.units > 0) units[{*line.subscription, world.sessions.at(id).channel}] += 1;
    if (line.kind == LineKind::manual && ++sums.manual[id] > 1) sums.fault = "two manual units";
    if (line.interval && !sums.intervals.insert({id, *line.interval}).second) {
      sums.fault = "an interval taken twice";
    }
  }
  const auto entry = wallet_entry(record);
  if (entry) sums.entries[entry->doctor] += entry->amount.amount;
  if (entry && entry->kind == EntryKind::refund) sums.debtors.insert(entry->doctor);
  if (entry && entry->session.empty()) return;  // a withdrawal is no pay
  if (paid != (entry ? entry->amount.amount : 0)) sums.fault = "lines and entry differ";
}

std::string check_session(const Session& session, const World& world, Sums& sums) {
  const auto rate =
      world.policies.at(session.policy_version).rate(session.currency, session.channel);
  if (sums.taken_for[session.id] != session.units_used) return "units of a session";
  if (sums.refunded_for[session.id] != session.units_refunded) return "refunds of a session";
  const std::int64_t kept = session.units_used - session.units_refunded;
  if (sums.paid_for[session.id] != kept * rate.amount) return "pay of a session";
  std::int64_t in_runs = 0;
  for (const Run& run : session.runs) in_runs += run.units;
  if (in_runs != kept) return "runs of a session";
  if (session.live() != session.hold.has_value()) return "one held unit for each live session";
  if (session.live() == session.ended_at.has_value()) return "ended_at exactly when terminal";
  return "";
}

}  // namespace

std::string World::broken_invariant() const {
  Sums sums;
  for (const Record& record : records) add(sums, record, *this);
  if (!sums.fault.empty()) return sums.fault;
  std::map<std::pair<std::string, Channel>, std::int64_t> held;
  for (const auto& [id, session] : sessions) {
    const std::string fault = check_session(session, *this, sums);
    if (!fault.empty()) return fault + ": " + id;
    if (session.hold) held[{session.hold->subscription, session.channel}] += 1;
  }
  for (const auto& [id, subscription] : subscriptions) {
    for (const Channel channel : channels) {
      const auto c = index(channel);
      if (subscription.free(channel) < 0) return "free below zero: " + id;
      if (subscription.held[c] != held[{id, channel}]) return "held units: " + id;
      if (subscription.taken[c] != sums.taken_from[{id, channel}]) return "taken units: " + id;
      if (subscription.refunded[c] != sums.refunded_to[{id, channel}]) {
        return "refunded units: " + id;
      }
    }
  }
  for (const auto& [id, doctor] : doctors) {
    if (doctor.balance() != sums.entries[id]) return "wallet: " + id;
    if (doctor.balance() < 0 && !sums.debtors.contains(id)) return "debt without a refund: " + id;
  }
  return "";
}

}  // namespace toll::tests
