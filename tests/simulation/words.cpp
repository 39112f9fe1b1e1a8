// Stories, told to a person.
#include <sstream>

#include "tests/simulation/story.hpp"
#include "tests/support/commands.hpp"

namespace toll::tests {

using namespace billing;
using namespace actors;

namespace {

std::string list_of(const std::vector<std::string>& ids) {
  std::string text;
  for (const std::string& id : ids) text += (text.empty() ? "" : ", ") + id;
  return text;
}

std::string units_in_words(const Units& units) {
  std::ostringstream out;
  out << units[0] << " text, " << units[1] << " voice, " << units[2] << " video";
  return out.str();
}

std::string instant(Instant at) {
  const Instant from_start = at - start_of_story;
  return from_start < 0 ? duration(-from_start) + " before the start"
                        : duration(from_start) + " after the start";
}

struct Words {
  std::ostringstream out;

  void operator()(const StartSession& c) {
    out << c.patient << " starts " << name(c.channel) << ' ' << c.id << " with " << c.doctor;
  }
  void operator()(const SendMessage& c) { out << name(c.from) << " writes in " << c.session; }
  void operator()(const ActivateSession& c) { out << c.session << " is answered"; }
  void operator()(const DeductUnits& c) {
    out << c.triggered_by << " asks to deduct " << c.session;
  }
  void operator()(const DeductBatch& c) { out << "batch deducts " << list_of(c.sessions); }
  void operator()(const EndSession& c) { out << name(c.by) << " ends " << c.session; }
  void operator()(const GetSession& c) { out << "somebody reads " << c.session; }
  void operator()(const WakeSession& c) { out << "a timer wakes " << c.session; }
  void operator()(const RefundUnits& c) { out << c.units << " of " << c.session << " refunded"; }
  void operator()(const PutSubscription& c) {
    out << c.patient << " buys " << c.id << " (" << units_in_words(c.units);
    if (!c.members.empty()) out << "; members " << list_of(c.members);
    out << "; " << (c.starts_at ? "from " + instant(*c.starts_at) : "from now") << " until "
        << instant(c.ends_at);
    if (c.rollover_days > 0) out << ", extended by " << c.rollover_days << " days";
    out << ')';
  }
  void operator()(const PatchSubscription& c) {
    out << c.id << " is changed:";
    if (c.change.enabled) out << (*c.change.enabled ? " enabled" : " disabled");
    if (c.change.members) out << " members " << list_of(*c.change.members);
    if (c.change.ends_at) out << " ends " << instant(*c.change.ends_at);
  }
  void operator()(const TopUpSubscription& c) {
    out << c.id << " topped up by " << units_in_words(c.units);
  }
  void operator()(const GetSubscription& c) { out << "somebody reads " << c.id; }
  void operator()(const GetBalance& c) { out << "somebody reads the balance of " << c.patient; }
  void operator()(const PutDoctor& c) {
    out << c.id << " registers" << (c.currency ? " for " : "");
    if (c.currency) out << c.currency->view();
  }
  void operator()(const GetWallet& c) { out << "somebody reads the wallet of " << c.doctor; }
  void operator()(const RequestWithdrawal& c) {
    out << c.doctor << " wants " << c.amount.amount << ' ' << c.amount.currency.view() << " out as "
        << c.id;
  }
  void operator()(const MoveWithdrawal& c) { out << c.id << " is to be " << name(c.to); }
  void operator()(const AdvanceClock&) { out << "the test clock is moved"; }
  void operator()(const GetClock&) { out << "somebody reads the test clock"; }
};

struct Kind {
  std::string operator()(const StartSession&) { return "start"; }
  std::string operator()(const SendMessage& c) {
    return c.from == Party::doctor ? "doctor writes" : "patient writes";
  }
  std::string operator()(const ActivateSession&) { return "answered"; }
  std::string operator()(const DeductUnits&) { return "deduct"; }
  std::string operator()(const DeductBatch&) { return "batch"; }
  std::string operator()(const EndSession&) { return "end"; }
  std::string operator()(const GetSession&) { return "read"; }
  std::string operator()(const WakeSession&) { return "wake"; }
  std::string operator()(const RefundUnits&) { return "refund"; }
  std::string operator()(const PutSubscription&) { return "grant"; }
  std::string operator()(const PatchSubscription&) { return "change"; }
  std::string operator()(const TopUpSubscription&) { return "top-up"; }
  std::string operator()(const GetSubscription&) { return "read"; }
  std::string operator()(const PutDoctor&) { return "register"; }
  std::string operator()(const GetWallet&) { return "read"; }
  std::string operator()(const RequestWithdrawal&) { return "withdraw"; }
  std::string operator()(const MoveWithdrawal& c) {
    return c.to == WithdrawalStatus::approved   ? "approve"
           : c.to == WithdrawalStatus::rejected ? "reject"
                                                : "pay";
  }
  template <class Other>
  std::string operator()(const Other&) {
    return "other";
  }
};

std::string fault_in_words(const Step& step) {
  std::ostringstream out;
  if (step.fault == Fault::sync_fails) {
    out << " Sync " << step.fault_after << " fails and the server ends";
  } else {
    out << " After " << step.fault_after << " moves the server "
        << (step.unsynced == Unsynced::kept ? "is killed" : "loses its power");
  }
  if (step.unsynced == Unsynced::lost) out << ", what was not synced is lost";
  if (step.unsynced == Unsynced::torn) out << ", half of what was not synced is left";
  if (step.down_ms > 0) out << "; down for " << duration(step.down_ms);
  if (step.down_jump_ms != 0) out << "; the clock jumps by " << duration(step.down_jump_ms);
  if (step.clock_unkept) out << "; nobody keeps it right";
  if (step.recovery_fails_at > 0)
    out << "; sync " << step.recovery_fails_at << " of the start fails";
  if (step.policy) out << "; comes back with the policy: " << in_words(*step.policy);
  out << '.';
  return out.str();
}

}  // namespace

std::string duration(Instant ms) {
  if (ms < 0) return "-" + duration(-ms);
  for (const auto& [size, unit] : {std::pair{day, " d"}, {hour, " h"}, {minute, " min"}}) {
    if (ms >= size && ms % size == 0) return std::to_string(ms / size) + unit;
  }
  if (ms % 1000 == 0) return std::to_string(ms / 1000) + " s";
  return std::to_string(ms) + " ms";
}

std::string in_words(const Request& request) {
  Words words;
  visit_command(words, request.command);
  if (!request.key.empty()) words.out << " [key " << request.key << ']';
  return words.out.str();
}

std::string in_words(const Policy& policy) {
  std::ostringstream out;
  out << (policy.expiry == ExpiryPolicy::grandfather ? "grandfather" : "strict") << ", outages ";
  if (policy.downtime.cap == DowntimePolicy::no_cap) {
    out << "billed";
  } else {
    out << "cost at most " << policy.downtime.cap;
  }
  out << (policy.manual_unit ? "" : ", no manual unit")
      << (policy.known_doctors_only ? ", known doctors only" : "") << ", intervals of "
      << duration(policy.interval_ms());
  return out.str();
}

std::string in_words(const Step& step) {
  std::ostringstream out;
  if (step.wall_jump_ms != 0) out << " The clock jumps by " << duration(step.wall_jump_ms) << '.';
  if (step.clock_word) {
    out << (*step.clock_word == persistence::ClockWord::accept ? " It is accepted."
                                                               : " The server resumes.");
  }
  if (step.disk_full) out << " The disk is full.";
  if (step.pass_ms > 0) {
    out << ' ' << duration(step.pass_ms)
        << (step.on_time ? " pass, timers on time." : " pass, and all timers come late.");
  }
  if (step.requests.size() == 1) out << ' ' << in_words(step.requests[0]) << '.';
  if (step.requests.size() > 1) {
    out << " All at once:";
    for (const Request& request : step.requests) out << "\n       " << in_words(request);
    out << '.';
  }
  if (step.fault != Fault::none) out << fault_in_words(step);
  return out.str();
}

std::string in_words(const Story& story) {
  std::ostringstream out;
  out << "Policy: " << in_words(story.policy) << ". At most " << story.limits.remembered
      << " remembered without need, " << story.limits.session_queue << " asks to a queue, "
      << story.limits.wakes_under_way << " timers at once, " << story.limits.asks_at_door
      << " asks at the door.\n";
  for (std::size_t i = 0; i < story.steps.size(); ++i) {
    out << (i < 9 ? "  " : " ") << i + 1 << '.' << in_words(story.steps[i]) << '\n';
  }
  return out.str();
}

bool only_reads(const Command& command) {
  return is_command<GetSession, GetSubscription, GetBalance, GetWallet>(command);
}

bool only_ends(const Command& command) { return is_command<EndSession>(command); }

std::string kind_of(const Command& command) { return visit_command(Kind{}, command); }

}  // namespace toll::tests
