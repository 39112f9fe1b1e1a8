#include "tests/persistence/script.hpp"

namespace toll::test {

using namespace billing;

void Script::append(Fact fact) {
  const Record record{records.size() + 1, now++, std::move(fact)};
  folded.add(record);
  records.push_back(record);
}

void Script::policy() {
  append(PolicyRecorded{static_cast<std::uint32_t>(folded.policies.size() + 1), {}});
}

void Script::grant(const std::string& id, std::int64_t units) {
  Granted fact;
  fact.subscription = id;
  fact.version = 1;
  fact.patient = "p-" + id;
  fact.members = {"m1", "m2"};
  fact.units = {units, units, units};
  fact.ends_at = 1'000'000'000'000;
  fact.plan = "plan";
  fact.payment_ref = "pay-" + id;
  fact.fingerprint = "f";
  append(fact);
  granted_.push_back(id);
}

void Script::register_doctor(const std::string& id) {
  append(DoctorRegistered{id, folded.doctors[id].version + 1, default_currency});
}

void Script::create(const std::string& id, const std::string& subscription,
                    const std::string& doctor, Channel channel) {
  append(Created{id,
                 1,
                 channel,
                 folded.subscriptions[subscription].patient,
                 doctor,
                 default_currency,
                 "ref",
                 1,
                 {subscription, "pay-" + subscription}});
  live_.push_back(id);
}

void Script::activate(const std::string& id) {
  append(Activated{id, folded.sessions[id].version + 1});
}

void Script::charge(const std::string& id, const std::string& next, std::int64_t units) {
  const Session& session = folded.sessions[id];
  append(Charged{id, session.version + 1, session.channel, session.intervals_processed + 1, units,
                 *session.hold, Hold{next, "pay-" + next}, session.doctor,
                 Money{units * 350'000, default_currency}, "timer"});
}

void Script::end(const std::string& id, bool manual) {
  const Session& session = folded.sessions[id];
  Ended fact;
  fact.session = id;
  fact.version = session.version + 1;
  fact.channel = session.channel;
  fact.ended_at = now;
  fact.ended_by = Party::patient;
  fact.reason = "done";
  fact.units = manual ? 1 : 0;
  fact.hold = *session.hold;
  fact.doctor = session.doctor;
  fact.pay = {manual ? 350'000 : 0, default_currency};
  fact.triggered_by = "end";
  append(fact);
  std::erase(live_, id);
}

void Script::random_step() {
  const std::size_t choice = pick(20);
  if (granted_.empty() || choice == 0) {
    return grant("s" + std::to_string(granted_.size()), 50 + static_cast<std::int64_t>(pick(100)));
  }
  const std::string& giver = granted_[pick(granted_.size())];
  const Subscription& subscription = folded.subscriptions[giver];
  if (live_.empty() || choice <= 3) {
    const Channel channel = channels[pick(3)];
    if (subscription.free(channel) == 0) return;
    return create("c" + std::to_string(folded.sessions.size()), giver,
                  "d" + std::to_string(pick(5)), channel);
  }
  const std::string id = live_[pick(live_.size())];
  const Session& session = folded.sessions[id];
  if (choice == 4) return end(id, session.status == Status::active);
  if (choice == 5) {
    return append(Changed{giver, subscription.version + 1, !subscription.enabled, {}, {}});
  }
  if (choice == 6) return append(ToppedUp{giver, subscription.version + 1, {1, 2, 3}});
  if (session.status == Status::waiting) return activate(id);
  if (choice == 7) {
    return append(Forgiven{id, session.version + 1, session.intervals_processed + 1,
                           1 + static_cast<std::int64_t>(pick(5)), "recovery"});
  }
  const std::int64_t most = session.hold->subscription == giver ? 3 : 1;
  const auto units = std::min(most, subscription.free(session.channel));
  if (units > 0)
    charge(id, giver, 1 + static_cast<std::int64_t>(pick(static_cast<std::size_t>(units))));
}

std::vector<Record> every_kind() {
  Script script;
  script.grant("s1", 5);
  script.grant("s2", 5);
  script.register_doctor("d1");
  script.create("call", "s1", "d1", Channel::voice);
  script.activate("call");
  script.charge("call", "s1", 3);
  script.charge("call", "s2", 1);
  script.append(ToppedUp{"s1", 2, {1, 1, 1}});
  script.append(Changed{"s2", 2, false, std::vector<std::string>{"m3"}, Instant{2'000'000}});
  script.end("call", true);
  script.create("chat", "s1", "d2", Channel::text);
  script.append(DeadlineSet{"chat", 2, script.now + 300'000});
  script.append(OutageBegan{script.now});
  Ended expired;
  expired.session = "chat";
  expired.version = 3;
  expired.status = Status::expired;
  expired.end_reason = EndReason::expired;
  expired.ended_at = script.now;
  expired.hold = {"s1", "pay-s1"};
  expired.doctor = "d2";
  expired.triggered_by = "deadline";
  script.append(expired);
  script.create("late", "s1", "d1", Channel::video);
  script.activate("late");
  script.append(Forgiven{"late", 3, 1, 4, "recovery"});
  script.append(Ready{});
  script.end("late", false);
  script.create("left", "s1", "d2", Channel::text);
  return script.records;
}

std::vector<Record> random_clinic(unsigned seed, std::size_t count) {
  Script script(seed);
  while (script.records.size() < count) script.random_step();
  return script.records;
}

}  // namespace toll::test
