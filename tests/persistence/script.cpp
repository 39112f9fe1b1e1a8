#include "tests/persistence/script.hpp"

namespace toll::test {

using namespace billing;

void Script::append(Fact fact, std::optional<Cause> cause) {
  const Record record{records.size() + 1, now++, std::move(fact), std::move(cause)};
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

void Script::refund(const std::string& id, std::int64_t units) {
  const Session& session = folded.sessions.at(id);
  const Run& newest = session.runs.back();
  append(Refunded{id,
                  session.version + 1,
                  session.channel,
                  {newest.subscription, newest.payment_ref},
                  units,
                  session.doctor,
                  {units * 350'000, default_currency},
                  "sorry"});
}

void Script::withdraw(const std::string& id, const std::string& doctor, std::int64_t amount) {
  append(WithdrawalRequested{
      id, doctor, folded.doctors.at(doctor).version + 1, {amount, default_currency}});
  withdrawals_.push_back(id);
}

void Script::move(const std::string& id, WithdrawalStatus to) {
  const Withdrawal& withdrawal = folded.withdrawals.at(id);
  append(WithdrawalMoved{id, withdrawal.doctor, folded.doctors.at(withdrawal.doctor).version + 1,
                         to, withdrawal.amount});
}

void Script::random_money() {
  const std::string session = "c" + std::to_string(pick(folded.sessions.size()));
  if (pick(2) == 0) {
    if (!folded.sessions.at(session).runs.empty()) refund(session, 1);
    return;
  }
  if (withdrawals_.empty() || pick(2) == 0) {
    const Doctor& doctor = folded.doctors.at(folded.sessions.at(session).doctor);
    if (doctor.balance() > 0) {
      withdraw("w" + std::to_string(withdrawals_.size()), doctor.id, 1 + doctor.balance() / 2);
    }
    return;
  }
  const std::string& id = withdrawals_[pick(withdrawals_.size())];
  const auto to = static_cast<WithdrawalStatus>(pick(4));
  if (may_move(folded.withdrawals.at(id).status, to)) move(id, to);
}

void Script::random_step() {
  const std::size_t choice = pick(22);
  if (choice >= 20 && !folded.sessions.empty()) return random_money();
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
    return append(Changed{giver, subscription.version + 1, !subscription.enabled, {}, {}, {}});
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

Cause cause(char key) {
  Cause cause;
  cause.key.fill(key);
  cause.request.fill('r');
  cause.deducted = 2;
  return cause;
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
  script.append(Changed{"s2", 2, false, std::vector<std::string>{"m3"}, Instant{2'000'000}, {}});
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
  // Kinds that came later are told last: format_test.cpp keeps the bytes of the first 21 records.
  script.refund("call", 1);  // the manual unit, of s2
  script.refund("call", 2);
  script.withdraw("w1", "d1", 500'000);
  script.withdraw("w2", "d1", 200'000);
  script.move("w1", WithdrawalStatus::approved);
  script.move("w2", WithdrawalStatus::rejected);
  script.move("w1", WithdrawalStatus::paid);
  script.append(ToppedUp{"s1", 3, {0, 1, 0}}, cause('t'));
  script.append(
      BatchAnswered{{{2, {}, true}, {0, Refusal::session_not_active, true}, {0, {}, false}}},
      cause('b'));
  script.append(ClockAdvanced{}, cause('c'));
  script.append(HistoryGivenUp{script.records.size(), script.records.size() + 3});
  script.append(Changed{"s2", 3, {}, {}, Instant{3'000'000}, Instant{7}});
  script.append(ClockAccepted{4});
  script.append(ClockResumed{86'400'000});
  script.append(OutageJudged{script.now, OutageVerdict::forgive});
  return script.records;
}

std::vector<Record> random_clinic(unsigned seed, std::size_t count) {
  Script script(seed);
  while (script.records.size() < count) script.random_step();
  return script.records;
}

}  // namespace toll::test
