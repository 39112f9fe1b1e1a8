#include "tests/histories/spec.hpp"

#include <algorithm>
#include <sstream>

namespace toll::tests {

namespace {

constexpr std::int64_t interval = 600'000;
constexpr std::int64_t year = 365LL * 86'400'000;

bool has(const std::vector<std::string>& ids, const std::string& id) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

std::string number(std::int64_t n) { return std::to_string(n); }

}  // namespace

std::string in_words(const Operation& operation) {
  std::ostringstream out;
  out << '[' << operation.invoked << ", " << operation.returned << "] " << operation.kind << ' '
      << operation.id;
  if (!operation.patient.empty())
    out << " of " << operation.patient << " with " << operation.doctor;
  if (operation.number != 0) out << ' ' << operation.number;
  if (!operation.to.empty()) out << ' ' << operation.to;
  out << " -> " << (operation.answered ? operation.answer : "no answer");
  return out.str();
}

Spec::Spec(std::int64_t now, const std::string& subscription, const std::string& owner,
           const std::set<std::string>& members, std::int64_t units)
    : clock_{now}, members_(members) {
  model::SubscriptionRequest request;
  request.id = subscription;
  request.patient = owner;
  request.members = members;
  request.units = {{"voice", units}};
  request.starts_at = now - 1;
  request.ends_at = now + year;
  model_.put_subscription(now, request);
}

std::string Spec::read_session(const std::string& id) const {
  if (!has(model_.sessions(), id)) return "session_not_found";
  const model::SessionView view = model_.session(id);
  return view.status + ", used " + number(view.used) + ", refunded " + number(view.refunded);
}

std::string Spec::read_subscription(const std::string& id) const {
  const model::SubscriptionView view = model_.subscription(id, clock_.back());
  const model::UnitsView& units = view.units.at("voice");
  return view.status + ", granted " + number(units.granted) + ", taken " + number(units.taken) +
         ", refunded " + number(units.refunded) + ", held " + number(units.held) + ", free " +
         number(units.free);
}

/// Time never goes back for a session.
std::int64_t Spec::not_before(const std::string& session) const {
  if (!has(model_.sessions(), session)) return 0;
  const model::SessionView view = model_.session(session);
  return view.activated_at ? *view.activated_at + view.processed * interval : view.created_at;
}

std::optional<std::int64_t> Spec::next_due(std::int64_t before) const {
  std::optional<std::int64_t> first;
  for (const std::string& id : model_.sessions()) {
    const auto due = model_.session(id).next_wake;
    if (!due || *due <= clock_.back() || *due >= before) continue;
    if (!first || *due < *first) first = due;
  }
  return first;
}

std::string Spec::carry_out(const Operation& operation, std::int64_t at) {
  const std::string& kind = operation.kind;
  const std::string& id = operation.id;
  if (kind == "session") return read_session(id);
  if (kind == "subscription") return read_subscription(id);
  at = std::max(at, not_before(id));
  model::Outcome outcome;
  if (kind == "start") {
    outcome = model_.start(at, {id, "voice", operation.patient, operation.doctor, ""});
  } else if (kind == "activate") {
    outcome = model_.activate(at, id);
  } else if (kind == "deduct") {
    outcome = model_.deduct(at, id);
  } else if (kind == "end") {
    outcome = model_.end(at, id, operation.to);
  } else if (kind == "refund") {
    outcome = model_.refund(at, id, operation.number);
  } else if (kind == "top-up") {
    outcome = model_.top_up(at, id, {{"voice", operation.number}});
  } else if (kind == "status") {
    outcome = model_.patch_subscription(at, id, {operation.to == "active", {}, {}});
  } else if (kind == "members") {
    members_.clear();
    if (!operation.to.empty()) members_.insert(operation.to);
    outcome = model_.patch_subscription(at, id, {{}, members_, {}});
  }
  if (!outcome.code.empty()) return outcome.code;
  if (kind == "start") return outcome.created ? "created" : "found";
  if (kind == "deduct") return "deducted " + number(outcome.deducted);
  if (kind != "end") return "done";
  return "deducted " + number(outcome.deducted) + (outcome.manual_unit ? ", manual" : "") +
         (outcome.already_ended ? ", over before" : "");
}

std::vector<Spec> Spec::after(const Operation& operation) const {
  if (operation.kind == "clock") {
    Spec next = *this;
    next.clock_.push_back(operation.number);
    return {std::move(next)};
  }
  if (operation.kind == "on the way") {
    const auto stop = next_due(operation.number);
    if (!stop) return {};
    Spec next = *this;
    next.clock_.push_back(*stop);
    return {std::move(next)};
  }
  if (operation.kind == "timer") {
    if (!has(model_.sessions(), operation.id)) return {};
    Spec next = *this;
    next.model_.wake(operation.number, operation.id);
    if (next.key() == key()) return {};
    return {std::move(next)};
  }
  std::vector<Spec> found;
  for (const std::int64_t at : clock_) {
    if (at < operation.clock) continue;
    Spec next = *this;
    if (operation.kind == "notice") {
      if (!has(model_.sessions(), operation.id)) continue;
      next.model_.wake(at, operation.id);
      if (next.key() != key()) found.push_back(std::move(next));
      continue;
    }
    const std::string answer = next.carry_out(operation, at);
    if (operation.answered && answer != operation.answer) continue;
    found.push_back(std::move(next));
  }
  return found;
}

std::string Spec::key() const {
  std::ostringstream out;
  out << in_words();
  for (const std::string& id : model_.sessions()) {
    const model::SessionView view = model_.session(id);
    out << view.created_at << ' ' << view.activated_at.value_or(0) << ' ' << view.processed << ' '
        << view.held_on << ';';
  }
  for (const std::int64_t at : clock_) out << at << ' ';
  for (const std::string& member : members_) out << member;
  return out.str();
}

std::string Spec::in_words() const {
  std::ostringstream out;
  for (const std::string& id : model_.sessions()) out << id << ": " << read_session(id) << "; ";
  for (const std::string& id : model_.subscriptions()) {
    out << id << ": " << read_subscription(id) << "; ";
  }
  return out.str();
}

}  // namespace toll::tests
