#include "tests/billing/compare.hpp"

#include <sstream>

#include "tests/support/model_views.hpp"

namespace toll::tests {

namespace {

std::string pick(const char* prefix, unsigned number, unsigned of) {
  return prefix + std::to_string(number % of);
}

Policy policy_of_setup(unsigned setup) {
  Policy policy;
  policy.expiry = setup % 2 == 0 ? ExpiryPolicy::grandfather : ExpiryPolicy::strict;
  const std::int64_t caps[] = {DowntimePolicy::no_cap, 0, 2};
  policy.downtime.cap = caps[setup / 2 % 3];
  policy.manual_unit = setup / 6 % 4 != 3;
  if (setup / 24 % 3 == 2) {
    policy.min_billable_s = {30, 900, 0};
    policy.interval_s = 420;
    policy.response_window_s = 60;
    policy.rates.at(default_currency) = {7, 0, 100'000};
  }
  return policy;
}

std::string text_of(const Done& done) {
  std::ostringstream out;
  if (done.refusal) return std::string(code(*done.refusal));
  out << done.created << ' ' << done.deducted << ' ' << done.intervals_due << ' '
      << done.manual_unit << ' ' << done.already_ended;
  return out.str();
}

std::string text_of(const model::Outcome& outcome) {
  std::ostringstream out;
  if (!outcome.code.empty()) return outcome.code;
  out << outcome.created << ' ' << outcome.deducted << ' ' << outcome.intervals_due << ' '
      << outcome.manual_unit << ' ' << outcome.already_ended;
  return out.str();
}

std::string compared(const char* what, const Done& done, const model::Outcome& outcome) {
  const std::string rules = text_of(done);
  const std::string model = text_of(outcome);
  if (rules == model) return "";
  return std::string(what) + " answers [" + rules + "], the model [" + model + "]";
}

}  // namespace

std::ostream& operator<<(std::ostream& out, const Step& step) {
  return out << "Step{" << step.kind << ", " << step.a << ", " << step.b << ", " << step.c << ", "
             << step.ahead << '}';
}

Pair::Pair(unsigned setup)
    : world{policy_of_setup(setup)}, model{rules_of(policy_of_setup(setup))} {}

std::string Pair::play(const Step& step) {
  // Mostly the instants where something happens, and one millisecond beside them.
  static constexpr Instant ahead[] = {0,           0,           0,
                                      1,           seconds(1),  seconds(59) + 999,
                                      minutes(1),  seconds(90), seconds(89) + 999,
                                      minutes(5),  minutes(10), minutes(9, 59) + 999,
                                      minutes(10), minutes(20), minutes(25),
                                      minutes(1),  minutes(61), days(1)};
  now_ += ahead[step.ahead % std::size(ahead)];
  const std::string answers = act(step);
  return answers.empty() ? difference() : answers;
}

std::string Pair::act(const Step& step) {
  const std::string x = pick("x", step.a, 14);
  switch (step.kind % 20) {
    case 0:
    case 1:
      return put(step);
    case 2:
      return patch(step);
    case 3: {
      const std::string s = pick("s", step.a, 7);
      const Units units{step.b % 3, step.c % 3, step.b == 7 ? max_units : 0};
      return compared("top-up", world.top_up(now_, s, units),
                      model.top_up(now_, s, by_name(units)));
    }
    case 4: {
      const std::string d = pick("d", step.a, 4);
      const char* const names[] = {"MWK", "USD", "EUR"};
      const std::string currency = names[step.c % 3];
      if (step.b % 3 == 0) {
        return compared("doctor", world.put_doctor(now_, d, {}), model.put_doctor(now_, d, {}));
      }
      return compared("doctor", world.put_doctor(now_, d, parse_currency(currency)),
                      model.put_doctor(now_, d, currency));
    }
    case 5:
    case 6:
    case 7:
    case 8: {
      const Channel channel = channels[step.b % 3];
      const std::string p = pick("p", step.c, 5);
      const std::string d = pick("d", step.c / 5, 4);
      return compared("start", world.start(now_, x, channel, p, d),
                      model.start(now_, {x, std::string(name(channel)), p, d, ""}));
    }
    case 9:
      return compared("message", world.message(now_, x, Party::patient),
                      model.message(now_, x, "patient"));
    case 10:
      return compared("message", world.message(now_, x, Party::doctor),
                      model.message(now_, x, "doctor"));
    case 11:
    case 12:
      return compared("activate", world.activate(now_, x), model.activate(now_, x));
    case 13:
    case 14:
      return compared("deduct", world.deduct(now_, x), model.deduct(now_, x));
    case 15:
    case 16: {
      const Party by = static_cast<Party>(step.b % 3);
      return compared("end", world.end(now_, x, by), model.end(now_, x, std::string(name(by))));
    }
    case 17:
      return outage(step);
    case 18:
      if (step.b % 8 == 0) return change_policy(step);
      [[fallthrough]];
    default:
      return compared("wake", world.wake(now_, x), model.wake(now_, x));
  }
}

std::string Pair::put(const Step& step) {
  model::SubscriptionRequest request;
  request.id = pick("s", step.a, 7);
  request.patient = pick("p", step.b, 5);
  for (unsigned i = 0; i < 5; ++i) {
    if (step.c >> i & 1) request.members.insert(pick("p", i, 5));
  }
  const Units units{step.b % 5, step.c % 6, step.a % 4};
  request.units = by_name(units);
  const bool starts_now = step.c % 3 == 0;
  if (!starts_now) request.starts_at = now_ - minutes(30) + minutes(step.b % 60);
  request.ends_at = now_ + minutes(step.c % 200) - minutes(5);
  request.rollover_days = step.a % 3 == 0 ? 1 : 0;

  Granted fact = grant(request.id, request.patient, 0);
  fact.members.assign(request.members.begin(), request.members.end());
  fact.units = units;
  fact.starts_at = request.starts_at.value_or(now_);
  fact.ends_at = request.ends_at;
  fact.rollover_days = static_cast<std::int32_t>(request.rollover_days);
  std::ostringstream fingerprint;
  fingerprint << request.patient << step.c % 32 << ' ' << units[0] << units[1] << units[2]
              << starts_now << (starts_now ? 0 : fact.starts_at) << ' ' << fact.ends_at << ' '
              << fact.rollover_days;
  fact.fingerprint = fingerprint.str();
  return compared("put", world.put(now_, fact, starts_now), model.put_subscription(now_, request));
}

std::string Pair::patch(const Step& step) {
  const std::string s = pick("s", step.a, 7);
  Change change;
  model::SubscriptionPatch patch;
  if (step.b % 4 == 0) change.enabled = patch.enabled = step.c % 4 != 0;
  if (step.b % 4 == 1) {
    patch.members.emplace();
    for (unsigned i = 0; i < 5; ++i) {
      if (step.c >> i & 1) patch.members->insert(pick("p", i, 5));
    }
    change.members.emplace(patch.members->begin(), patch.members->end());
  }
  if (step.b % 4 >= 2) change.ends_at = patch.ends_at = now_ + minutes(step.c % 120) - minutes(20);
  return compared("patch", world.patch(now_, s, change), model.patch_subscription(now_, s, patch));
}

std::string Pair::outage(const Step& step) {
  const Instant since = now_;
  now_ += minutes(step.b % 70);
  if (step.b % 16 == 0) now_ += days(2);
  world.begin_outage(since, now_);
  model.outage_began(since);
  if (step.c % 8 < 2) {
    const OutageVerdict verdict = step.c % 8 == 0 ? OutageVerdict::bill : OutageVerdict::forgive;
    world.judge_outage(now_, verdict);
    model.outage_judged(std::string(name(verdict)));
  }
  for (const std::string& x : model.sessions()) {
    const std::string answers = compared("recovery", world.wake(now_, x), model.wake(now_, x));
    if (!answers.empty()) return answers;
  }
  if (step.c % 5 == 0) return "";  // cut off: it goes on
  world.ready(now_);
  model.ready(now_);
  return "";
}

std::string Pair::change_policy(const Step& step) {
  const Policy policy = policy_of_setup(step.c);
  world.policies.add(policy);
  model.change_rules(rules_of(policy));
  return "";
}

std::string Pair::difference() const {
  if (model.sessions().size() != world.sessions.size()) return "number of sessions";
  for (const auto& [id, session] : world.sessions) {
    if (view_of(session, world.policy_of(id)) != model.session(id)) return "session " + id;
  }
  if (model.subscriptions().size() != world.subscriptions.size()) return "subscriptions";
  for (const auto& [id, subscription] : world.subscriptions) {
    if (view_of(subscription, now_) != model.subscription(id, now_)) return "subscription " + id;
  }
  if (model.doctors().size() != world.doctors.size()) return "number of doctors";
  for (const auto& [id, doctor] : world.doctors) {
    if (view_of(doctor) != model.wallet(id)) return "wallet of " + id;
  }
  return "";
}

}  // namespace toll::tests
