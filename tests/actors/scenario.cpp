#include "tests/actors/scenario.hpp"

#include <algorithm>
#include <sstream>

#include "tests/support/model_views.hpp"

namespace toll::tests {

using namespace billing;
using namespace actors;

namespace {

constexpr Instant start_of_story = 1'767'225'600'000;  // 2026-01-01T00:00:00Z
constexpr Instant second = 1000;
constexpr Instant minute = 60 * second;

Policy policy_of(std::uint64_t seed) {
  Policy policy;
  policy.expiry = seed % 2 == 0 ? ExpiryPolicy::grandfather : ExpiryPolicy::strict;
  const std::int64_t caps[] = {DowntimePolicy::no_cap, 0, 2};
  policy.downtime.cap = caps[seed / 2 % 3];
  return policy;
}

/// A few actors at most stay in memory without need, so that leaving and loading happen often.
Limits small_limits() {
  Limits limits;
  limits.actors_in_memory = 2;
  limits.wakes_under_way = 2;
  return limits;
}

}  // namespace

Scenario::Scenario(std::uint64_t seed)
    : seed_(seed),
      policy_(policy_of(seed)),
      server_(seed, start_of_story, policy_, small_limits()),
      model_(rules_of(policy_)) {
  for (const char* patient : {"p1", "p2", "p3"}) {
    patients_.emplace_back(patient);
    const Channel call = server_.pick(2) == 0 ? Channel::voice : Channel::video;
    for (const Channel channel : {Channel::text, call}) {
      lines_.push_back({patient, std::string("d-") + patient + "-" + std::string(name(channel)),
                        channel, "", 0});
    }
  }
  server_.boot();
}

std::string Scenario::play(int rounds) {
  for (const std::string& patient : patients_) {
    (void)patient;
    sell();
  }
  for (int i = 0; i < rounds; ++i) {
    std::string wrong = round();
    if (wrong.empty()) wrong = difference();
    if (!wrong.empty()) return "round " + std::to_string(i) + ": " + wrong;
  }
  return "";
}

std::string Scenario::round() {
  Line& line = lines_[server_.pick(lines_.size())];
  const bool live =
      !line.session.empty() && session_now(line.session) && session_now(line.session)->live();
  switch (server_.pick(11)) {
    case 10:
      outage();
      return "";
    case 0:
      sell();
      return "";
    case 1:
      change_subscription();
      return "";
    case 2:
    case 3:
    case 4:
      return live ? storm(line) : start(line);
    case 5:
    case 6:
      return line.session.empty() ? start(line) : speak(line);
    case 7:
      return line.session.empty() ? "" : storm(line);
    default:
      return pass_time();
  }
}

void Scenario::sell() {
  PutSubscription put;
  put.id = "s" + std::to_string(++subscriptions_);
  put.patient = patients_[server_.pick(patients_.size())];
  // Units are never shared: then no order among patients matters, and the model needs none.
  put.units = {std::int64_t(server_.pick(4)), std::int64_t(server_.pick(4)),
               std::int64_t(server_.pick(4))};
  put.starts_at = server_.now() + Instant(server_.pick(30)) * minute - 10 * minute;
  put.ends_at = *put.starts_at + Instant(1 + server_.pick(180)) * minute;
  put.rollover_days = server_.pick(4) == 0 ? 1 : 0;
  put.fingerprint = put.id;
  server_.call(put);
  model_.put_subscription(server_.now(), {put.id,
                                          put.patient,
                                          {},
                                          by_name(put.units),
                                          put.starts_at,
                                          put.ends_at,
                                          put.rollover_days,
                                          ""});
}

void Scenario::change_subscription() {
  const std::string id = "s" + std::to_string(1 + server_.pick(std::uint64_t(subscriptions_)));
  if (server_.pick(2) == 0) {
    const Units units{1, std::int64_t(server_.pick(2)), std::int64_t(server_.pick(2))};
    server_.call(TopUpSubscription{id, units});
    model_.top_up(server_.now(), id, by_name(units));
    return;
  }
  Change change;
  model::SubscriptionPatch patch;
  if (server_.pick(2) == 0) {
    patch.enabled = change.enabled = server_.pick(3) > 0;
  } else {
    patch.ends_at = change.ends_at =
        server_.now() + Instant(server_.pick(90)) * minute - 20 * minute;
  }
  server_.call(PatchSubscription{id, change});
  model_.patch_subscription(server_.now(), id, patch);
}

std::string Scenario::start(Line& line) {
  StartSession command;
  command.id = line.doctor + "-" + std::to_string(++line.sessions);
  command.channel = line.channel;
  command.patient = line.patient;
  command.doctor = line.doctor;
  const Instant at = server_.now();
  const model::SessionRequest request{command.id, std::string(name(line.channel)), line.patient,
                                      line.doctor, ""};
  std::vector<CallPtr> calls;
  if (race(calls, {command, command, command})) {
    // The client does not know what became of it, and asks again.
    if (const auto session = session_now(command.id)) {
      model_.start(session->created_at, request);
      line.session = command.id;
    } else if (server_.call(command)->as<SessionAnswer>()) {
      model_.start(server_.now(), request);
      line.session = command.id;
    } else if (model_.start(server_.now(), request).code.empty()) {
      return "the server refused a start after a crash, the model did not";
    }
    return "";
  }
  const model::Outcome expected = model_.start(at, request);
  int created = 0;
  for (const CallPtr& call : calls) {
    const auto* answer = call->as<SessionAnswer>();
    created += answer && answer->created;
    const auto* refusal = call->as<Refusal>();
    const std::string got = refusal ? std::string(code(*refusal)) : "";
    if (got != expected.code)
      return "start answers [" + got + "], the model [" + expected.code + "]";
  }
  if (created != (expected.code.empty() ? 1 : 0)) return "a start and its repeats made several";
  if (created == 1) line.session = command.id;
  return "";
}

std::string Scenario::speak(Line& line) {
  const bool patient = server_.pick(2) == 0;
  const bool text = line.channel == Channel::text;
  const Command command =
      text ? Command(SendMessage{line.session, patient ? Party::patient : Party::doctor})
           : Command(ActivateSession{line.session});
  const Instant at = server_.now();
  std::vector<CallPtr> calls;
  if (race(calls, {command, command})) server_.call(command);
  if (text) {
    model_.message(at, line.session, patient ? "patient" : "doctor");
  } else {
    model_.activate(at, line.session);
  }
  return "";
}

std::string Scenario::storm(Line& line) {
  ++storms_;
  std::vector<Command> commands;
  const bool hang_up = server_.pick(3) == 0;
  const std::uint64_t attempts = 2 + server_.pick(8);
  const Party by = static_cast<Party>(server_.pick(3));
  for (std::uint64_t i = 0; i < attempts; ++i) {
    switch (server_.pick(3)) {
      case 0:
        commands.emplace_back(WakeSession{line.session, std::nullopt});
        break;
      case 1:
        commands.emplace_back(DeductUnits{line.session, "phone"});
        break;
      default:
        if (hang_up) {
          commands.emplace_back(EndSession{line.session, by, std::nullopt});
        } else {
          commands.emplace_back(GetSession{line.session});
        }
    }
  }
  const bool ends = std::any_of(commands.begin(), commands.end(), [](const Command& command) {
    return std::holds_alternative<EndSession>(command);
  });
  const Instant at = server_.now();
  const std::int64_t before = session_now(line.session)->units_used;
  const Seq seq_before = server_.storage().journal().last();
  std::vector<CallPtr> calls;
  const bool crashed = race(calls, commands);
  if (crashed) {
    for (const Command& command : commands) server_.call(command);
  }
  const model::Outcome settled = model_.wake(at, line.session);
  if (ends) model_.end(at, line.session, std::string(name(by)));

  std::int64_t acknowledged = 0;
  std::size_t answered = 0;
  for (const CallPtr& call : calls) {
    if (const auto* answer = call->as<SessionAnswer>()) acknowledged += answer->deducted;
    answered += call->answer.has_value();
    if (call->durable_at_answer > server_.storage().journal().last()) return "an answer too early";
  }
  const std::int64_t taken = session_now(line.session)->units_used - before;
  if (crashed ? acknowledged > taken : acknowledged != taken) {
    return "answers say " + std::to_string(acknowledged) + " units, the session " +
           std::to_string(taken);
  }
  if (!crashed && answered != commands.size()) return "a command was never answered";
  const bool nothing = taken == 0 && settled.deducted == 0 && !ends;
  const auto session = session_now(line.session);
  if (!crashed && nothing && session->last_at < at &&
      server_.storage().journal().last() != seq_before) {
    return "losing attempts wrote records";
  }
  return "";
}

std::string Scenario::pass_time() {
  static constexpr Instant steps[] = {1,           second,      30 * second, minute - 1,
                                      90 * second, 5 * minute,  10 * minute, 10 * minute - 1,
                                      11 * minute, 25 * minute, 61 * minute};
  const Instant target = server_.now() + steps[server_.pick(std::size(steps))];
  // Half of the time the timer is exact, else it comes late and finds several things due at once.
  const bool exact = server_.pick(2) == 0;
  while (exact && server_.alarm() && *server_.alarm() > server_.now() &&
         *server_.alarm() < target) {
    const Instant due = *server_.alarm();
    server_.advance_to(due);
    server_.settle();
    for (const std::string& session : model_.sessions()) model_.wake(due, session);
  }
  server_.advance_to(target);
  server_.settle();
  for (const std::string& session : model_.sessions()) model_.wake(target, session);
  server_.storage().record_sign_of_life(target);
  return "";
}

bool Scenario::race(std::vector<CallPtr>& calls, const std::vector<Command>& commands) {
  for (const Command& command : commands) calls.push_back(server_.issue(command));
  if (server_.pick(4) != 0) {
    server_.settle();
    return false;
  }
  for (std::uint64_t steps = server_.pick(60); steps > 0 && server_.step(); --steps) {
  }
  server_.crash();
  ++crashes_;
  restart();
  return true;
}

void Scenario::restart() {
  server_.boot();
  // No time passes: what is due was due before the crash, so no policy forgives it.
  for (const std::string& session : model_.sessions()) {
    model_.wake(server_.now(), session, server_.now());
  }
}

void Scenario::outage() {
  ++outages_;
  const Instant since = server_.now();
  server_.storage().record_sign_of_life(since);
  server_.crash();
  const auto go_on = [this] {
    server_.pass_until(server_.now() + Instant(server_.pick(4)) * 9 * minute);
  };
  go_on();
  if (server_.pick(2) == 0) {
    server_.boot_and_crash(server_.pick(40));
    go_on();
  }
  // Recovery takes long enough for more to become due: that belongs to the outage too.
  server_.boot([&] {
    if (server_.pick(30) == 0) go_on();
  });
  for (const std::string& session : model_.sessions()) {
    model_.wake(server_.now(), session, since);
  }
}

template <class Answer>
std::optional<Answer> Scenario::ask(Command command) {
  const CallPtr call = server_.call(std::move(command));
  const Answer* answer = call->as<Answer>();
  return answer ? std::optional(*answer) : std::nullopt;
}

std::optional<Session> Scenario::session_now(const std::string& id) {
  auto answer = ask<SessionAnswer>(GetSession{id});
  return answer ? std::optional(std::move(answer->session)) : std::nullopt;
}

std::string Scenario::difference() {
  for (const std::string& id : model_.sessions()) {
    const auto session = session_now(id);
    if (!session) return "session " + id + " is missing";
    if (view_of(*session, policy_) != model_.session(id)) {
      std::ostringstream out;
      const model::SessionView expected = model_.session(id);
      out << "session " << id << ": " << name(session->status) << " used " << session->units_used
          << " processed " << session->intervals_processed << ", the model: " << expected.status
          << " used " << expected.used << " processed " << expected.processed;
      return out.str();
    }
  }
  for (const std::string& id : model_.subscriptions()) {
    const auto answer = ask<SubscriptionAnswer>(GetSubscription{id});
    if (!answer) return "subscription " + id + " is missing";
    if (view_of(answer->subscription, server_.now()) != model_.subscription(id, server_.now())) {
      return "subscription " + id + " differs";
    }
  }
  for (const Line& line : lines_) {
    const auto wallet = ask<DoctorAnswer>(GetWallet{line.doctor});
    const std::int64_t earned = wallet ? wallet->doctor.earned : 0;
    const auto known = model_.doctors();
    const bool met = std::find(known.begin(), known.end(), line.doctor) != known.end();
    if (earned != (met ? model_.wallet(line.doctor).earned : 0)) return "wallet of " + line.doctor;
    const auto balance = ask<BalanceAnswer>(GetBalance{line.patient});
    for (const Channel channel : channels) {
      if (balance->units[index(channel)] !=
          model::units_of(model_.balance(line.patient, server_.now()),
                          std::string(name(channel)))) {
        return "balance of " + line.patient;
      }
    }
  }
  return "";
}

}  // namespace toll::tests
