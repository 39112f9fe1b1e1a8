#include "tests/simulation/coverage.hpp"

#include <algorithm>
#include <iomanip>
#include <sstream>

#include "billing/facts.hpp"
#include "tests/support/commands.hpp"

namespace toll::tests {

using namespace actors;
using billing::Instant;

namespace {

const std::vector<std::string> kinds{"session", "subscription", "doctor", "withdrawal", "door"};

const std::map<std::string, std::vector<std::string>> states{
    {"session", {"unknown", "waiting", "waiting, overdue", "active", "active, unit due", "over"}},
    {"subscription", {"unknown", "with units", "without units", "expired", "disabled"}},
    {"doctor", {"unknown", "balance 0", "balance > 0", "balance < 0"}},
    {"withdrawal", {"unknown", "requested", "approved", "rejected", "paid"}},
    {"door", {"open", "overloaded", "disk full"}}};

const std::map<std::string, std::vector<std::string>> messages{
    {"session",
     {"start", "patient writes", "doctor writes", "answered", "deduct", "end", "read", "refund",
      "wake"}},
    {"subscription", {"grant", "change", "top-up", "read"}},
    {"doctor", {"register", "read", "withdraw"}},
    {"withdrawal", {"approve", "reject", "pay"}},
    {"door", {"read", "write", "end"}}};

bool among(const std::vector<std::string>& ids, const std::string& id) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

std::string session_state(const model::Model& model, const std::string& id, Instant at) {
  if (!among(model.sessions(), id)) return "unknown";
  const auto view = model.session(id);
  if (view.ended_at) return "over";
  const bool due = *view.next_wake <= at;
  if (view.status == "waiting") return due ? "waiting, overdue" : "waiting";
  return due ? "active, unit due" : "active";
}

std::string subscription_state(const model::Model& model, const std::string& id, Instant at) {
  if (!among(model.subscriptions(), id)) return "unknown";
  const auto view = model.subscription(id, at);
  if (view.status != "active") return view.status;
  const bool some = std::any_of(view.units.begin(), view.units.end(),
                                [](const auto& units) { return units.second.free > 0; });
  return some ? "with units" : "without units";
}

std::string doctor_state(const model::Model& model, const std::string& id) {
  if (!among(model.doctors(), id)) return "unknown";
  const auto balance = model.wallet(id).balance();
  return balance == 0 ? "balance 0" : balance > 0 ? "balance > 0" : "balance < 0";
}

std::string withdrawal_state(const model::Model& model, const std::string& id) {
  const std::string status = model.withdrawal(id);
  return status.empty() ? "unknown" : status;
}

/// What a command is about: a kind of entity and its id.
std::pair<std::string, std::string> subject(const Command& command) {
  return visit_command(
      [](const auto& c) -> std::pair<std::string, std::string> {
        using C = std::decay_t<decltype(c)>;
        if constexpr (std::is_same_v<C, StartSession>) return {"session", c.id};
        if constexpr (std::is_same_v<C, PutDoctor>) return {"doctor", c.id};
        if constexpr (std::is_same_v<C, MoveWithdrawal>) return {"withdrawal", c.id};
        if constexpr (requires { c.session; }) return {"session", c.session};
        if constexpr (requires { c.doctor; }) return {"doctor", c.doctor};
        if constexpr (std::is_same_v<C, PutSubscription> || std::is_same_v<C, PatchSubscription> ||
                      std::is_same_v<C, TopUpSubscription> || std::is_same_v<C, GetSubscription>) {
          return {"subscription", c.id};
        }
        return {};
      },
      command);
}

/// Nobody wakes sessions that he was never told of.
bool possible(const std::string& state, const std::string& message) {
  return message != "wake" || state != "unknown";
}

/// The door refuses at once.
bool can_be_lost(const std::string& state, const std::string& message) {
  return state != "overloaded" && (state != "disk full" || message != "write");
}

}  // namespace

Coverage::Pair Coverage::pair(const model::Model& model, const Command& command, Instant at) {
  const auto [kind, id] = subject(command);
  return {kind,
          kind == "session"        ? session_state(model, id, at)
          : kind == "subscription" ? subscription_state(model, id, at)
          : kind == "withdrawal"   ? withdrawal_state(model, id)
                                   : doctor_state(model, id),
          kind_of(command)};
}

Coverage::Pair Coverage::at_door(const Command& command, bool overloaded, bool disk_full) {
  return {"door",
          overloaded  ? "overloaded"
          : disk_full ? "disk full"
                      : "open",
          only_reads(command)  ? "read"
          : only_ends(command) ? "end"
                               : "write"};
}

void Coverage::met(const Pair& pair, bool lost) {
  if (pair.kind.empty()) return;
  Seen& seen = seen_[pair.kind][pair.state][pair.message];
  ++(lost ? seen.lost : seen.answered);
}

void Coverage::add(const Coverage& other) { add_text(other.to_text()); }

std::string Coverage::to_text() const {
  std::ostringstream out;
  for (const auto& [kind, of_kind] : seen_) {
    for (const auto& [state, of_state] : of_kind) {
      for (const auto& [message, seen] : of_state) {
        out << kind << '\t' << state << '\t' << message << '\t' << seen.answered << '\t'
            << seen.lost << '\n';
      }
    }
  }
  for (const auto& [fact, times] : last_record_)
    out << "record\t" << fact << "\t-\t0\t" << times << '\n';
  return out.str();
}

void Coverage::add_text(const std::string& text) {
  std::istringstream lines(text);
  std::string kind, state, message, answered, lost;
  while (std::getline(lines, kind, '\t') && std::getline(lines, state, '\t') &&
         std::getline(lines, message, '\t') && std::getline(lines, answered, '\t') &&
         std::getline(lines, lost)) {
    if (kind == "record") {
      last_record_[state] += std::stoll(lost);
      continue;
    }
    Seen& seen = seen_[kind][state][message];
    seen.answered += std::stoll(answered);
    seen.lost += std::stoll(lost);
  }
}

std::string Coverage::table() const {
  std::ostringstream out;
  Coverage copy = *this;
  for (const std::string& kind : kinds) {
    out << '\n' << std::left << std::setw(18) << kind;
    for (const auto& message : messages.at(kind)) out << std::setw(15) << message;
    out << '\n';
    for (const auto& state : states.at(kind)) {
      out << std::setw(18) << state;
      for (const auto& message : messages.at(kind)) {
        const Seen& seen = copy.seen_[kind][state][message];
        out << std::setw(15)
            << (!possible(state, message)
                    ? "-"
                    : std::to_string(seen.answered) + "/" +
                          (can_be_lost(state, message) ? std::to_string(seen.lost) : "-"));
      }
      out << '\n';
    }
  }
  out << "\nlost after a record of\n";
  for (const auto& [fact, times] : last_record_) {
    out << "  " << std::setw(24) << fact << times << '\n';
  }
  return out.str();
}

std::vector<std::string> Coverage::never() const {
  std::vector<std::string> never;
  Coverage copy = *this;
  for (const std::string& kind : kinds) {
    for (const auto& state : states.at(kind)) {
      for (const auto& message : messages.at(kind)) {
        const Seen& seen = copy.seen_[kind][state][message];
        const std::string pair = kind + " " + state + ": " + message;
        if (!possible(state, message)) continue;
        if (seen.answered == 0) never.push_back(pair);
        if (seen.lost == 0 && can_be_lost(state, message)) never.push_back(pair + ", server lost");
      }
    }
  }
  return never;
}

}  // namespace toll::tests
