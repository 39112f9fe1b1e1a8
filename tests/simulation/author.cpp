#include "tests/simulation/author.hpp"

#include <algorithm>
#include <iterator>
#include <random>

#include "tests/simulation/wrong_clock.hpp"
#include "tests/support/commands.hpp"

namespace toll::tests {

using namespace billing;
using namespace actors;

namespace {

constexpr Instant pauses[] = {1,       999,         30'000,      59'999,
                              90'000,  5 * minute,  10 * minute, 10 * minute,
                              599'999, 11 * minute, 25 * minute, 61 * minute};

/// What the author believes about a session: enough to write requests that often make sense.
struct Planned {
  std::string id;
  Channel channel;
  std::string patient;
  std::string doctor;
};

class Author {
 public:
  explicit Author(std::uint64_t seed) : random_(seed) { story_.seed = seed; }

  Story write(std::size_t steps) {
    story_.policy = policy();
    story_.limits.remembered = any({0, 1, 2, 3, 8, 32'768});
    story_.limits.session_queue = any({3, 256, 256});
    story_.limits.wakes_under_way = any({1, 2, 4096});
    story_.limits.asks_at_door = std::int64_t(any({2, 5, 1'280, 1'280}));
    story_.steps.push_back(opening());
    while (story_.steps.size() < steps) story_.steps.push_back(step());
    return std::move(story_);
  }

 private:
  std::uint64_t pick(std::uint64_t below) { return random_() % below; }
  bool once_in(std::uint64_t n) { return pick(n) == 0; }
  std::size_t any(std::initializer_list<std::size_t> from) {
    return from.begin()[pick(from.size())];
  }
  std::string patient() { return "p" + std::to_string(1 + pick(4)); }
  std::string doctor() { return "d" + std::to_string(1 + pick(4)); }
  std::string subscription() { return "s" + std::to_string(1 + pick(std::max(subscriptions_, 3))); }
  std::string withdrawal() { return "w" + std::to_string(1 + pick(std::max(withdrawals_, 1))); }
  std::string key() { return "k" + std::to_string(++keys_); }

  Policy policy() {
    Policy policy;
    policy.expiry = once_in(2) ? ExpiryPolicy::strict : ExpiryPolicy::grandfather;
    policy.downtime.cap = std::int64_t(pick(4)) - 1;
    policy.manual_unit = !once_in(6);
    policy.known_doctors_only = once_in(12);
    if (once_in(4)) {
      policy.interval_s = 420;
      policy.min_billable_s = {30, 600, 0};
      policy.rates.at(default_currency) = {7, 0, 100'000};
    }
    return policy;
  }

  /// The last ones are the likeliest to be live.
  const Planned& session() {
    static const Planned nobody{"x0", Channel::text, "p1", "d1"};
    if (sessions_.empty() || once_in(40)) return nobody;
    if (once_in(8)) return sessions_[pick(sessions_.size())];
    return sessions_[sessions_.size() - 1 - pick(std::min<std::size_t>(sessions_.size(), 4))];
  }

  Request put() {
    PutSubscription command;
    command.id = "s" + std::to_string(once_in(12) ? 1 + pick(std::max(subscriptions_, 1))
                                                  : std::uint64_t(++subscriptions_));
    command.patient = patient();
    for (const char* member : {"p1", "p2", "p3", "p4"}) {
      if (member != command.patient && once_in(3)) command.members.emplace_back(member);
    }
    for (std::int64_t& units : command.units) units = std::int64_t(pick(once_in(3) ? 2 : 6));
    if (!once_in(4))
      command.starts_at = start_of_story + elapsed_ + Instant(pick(30)) * minute - 25 * minute;
    command.ends_at = start_of_story + elapsed_ + Instant(20 + pick(240)) * minute;
    if (once_in(3)) command.ends_at += 30 * day;
    command.rollover_days = once_in(4) ? 1 : 0;
    command.fingerprint = in_words(Request{command, ""});
    return {command, once_in(3) ? key() : ""};
  }

  Request change() {
    Change change;
    switch (pick(3)) {
      case 0:
        change.enabled = !once_in(3);
        break;
      case 1:
        change.ends_at = start_of_story + elapsed_ + Instant(pick(120)) * minute - 20 * minute;
        break;
      default:
        change.members.emplace();
        for (const char* member : {"p1", "p2", "p3", "p4"}) {
          if (once_in(2)) change.members->emplace_back(member);
        }
    }
    return {PatchSubscription{subscription(), change}, once_in(3) ? key() : ""};
  }

  Request top_up() {
    const Units units{std::int64_t(pick(3)), std::int64_t(pick(3)), std::int64_t(pick(3))};
    return {TopUpSubscription{subscription(), units}, once_in(2) ? key() : ""};
  }

  Request start() {
    static constexpr Channel often[] = {Channel::text, Channel::voice, Channel::video};
    Planned planned{"x" + std::to_string(sessions_.size() + 1), often[pick(3)], patient(),
                    doctor()};
    // Mostly somebody who was not busy lately.
    for (int i = 0; i < 3 && busy(planned); ++i) {
      planned.patient = patient();
      planned.doctor = doctor();
    }
    sessions_.push_back(planned);
    return start_of(planned, false);
  }

  bool busy(const Planned& planned) const {
    const std::size_t recent = std::min<std::size_t>(sessions_.size(), 3);
    return std::any_of(sessions_.end() - std::ptrdiff_t(recent), sessions_.end(),
                       [&](const Planned& other) {
                         return other.doctor == planned.doctor || other.patient == planned.patient;
                       });
  }

  Request start_of(const Planned& planned, bool other_doctor) {
    return {StartSession{planned.id, false, planned.channel, planned.patient,
                         other_doctor ? doctor() : planned.doctor, std::nullopt},
            once_in(4) ? key() : ""};
  }

  Request go_on(const Planned& it) {
    if (it.channel != Channel::text && !once_in(10)) return {ActivateSession{it.id}, ""};
    return {SendMessage{it.id, once_in(3) ? Party::patient : Party::doctor}, ""};
  }

  Request about(const Planned& it) {
    switch (pick(16)) {
      case 0:
        return start_of(it, once_in(4));
      case 1:
      case 2:
        return go_on(it);
      case 3:
      case 4:
      case 5:
        return {DeductUnits{it.id, "phone"}, once_in(3) ? key() : ""};
      case 6:
      case 7:
        return {WakeSession{it.id, std::nullopt}, ""};
      case 8:
      case 9:
      case 10:
        return {EndSession{it.id, static_cast<Party>(pick(3)), std::nullopt},
                once_in(3) ? key() : ""};
      case 11:
      case 12:
        return {GetSession{it.id}, ""};
      case 13:
        return {DeductBatch{{it.id, session().id}}, once_in(2) ? key() : ""};
      default:
        return {RefundUnits{it.id, std::int64_t(1 + pick(3)), "sorry"}, once_in(2) ? key() : ""};
    }
  }

  Request money() {
    switch (pick(6)) {
      case 0:
      case 1: {
        const bool dollars = once_in(6);
        const Money amount{std::int64_t(dollars ? 300 : 350'000) * std::int64_t(1 + pick(2)),
                           dollars ? Currency{{'U', 'S', 'D'}} : default_currency};
        return {RequestWithdrawal{"w" + std::to_string(++withdrawals_),
                                  once_in(3) ? doctor() : session().doctor, amount},
                once_in(2) ? key() : ""};
      }
      case 2:
        return {MoveWithdrawal{withdrawal(), WithdrawalStatus::approved}, ""};
      case 3:
        return {MoveWithdrawal{withdrawal(),
                               once_in(3) ? WithdrawalStatus::rejected : WithdrawalStatus::paid},
                once_in(2) ? key() : ""};
      case 4:
        return {GetWallet{session().doctor}, ""};
      default:
        return {PutDoctor{doctor(),
                          once_in(2) ? std::optional(Currency{{'U', 'S', 'D'}}) : std::nullopt},
                once_in(3) ? key() : ""};
    }
  }

  Request anything() {
    switch (pick(10)) {
      case 0:
        return put();
      case 1:
        return change();
      case 2:
        return top_up();
      case 3:
        return start();
      case 4:
        return money();
      case 5:
        return {
            once_in(2) ? Command(GetSubscription{subscription()}) : Command(GetBalance{patient()}),
            ""};
      default:
        return about(session());
    }
  }

  Step opening() {
    Step step;
    step.seed = random_();
    step.requests = {put(), put(), put(), start()};
    if (once_in(2)) step.requests.push_back({PutDoctor{"d4", Currency{{'U', 'S', 'D'}}}, ""});
    return step;
  }

  /// Sent again because the answer was lost, or because two phones do the same.
  void repeat_some(Step& step) {
    const std::size_t count = step.requests.size();
    for (std::size_t i = 0; i < count; ++i) {
      if (!once_in(3)) continue;
      Request again = step.requests[i];
      // The server makes these ids: without a key it is another withdrawal.
      if (const auto* first = command_if<RequestWithdrawal>(again.command);
          first && again.key.empty()) {
        RequestWithdrawal another = *first;
        another.id = "w" + std::to_string(++withdrawals_);
        again.command = std::move(another);
      }
      step.requests.push_back(std::move(again));
    }
  }

  void write_requests(Step& step) {
    switch (pick(12)) {
      case 0:
        step.requests.push_back(put());
        break;
      case 1:
        step.requests.push_back(once_in(2) ? change() : top_up());
        break;
      case 2:
      case 3:
        step.requests.push_back(start());
        if (once_in(2)) step.requests.push_back(start());
        fresh_ = true;
        break;
      case 4:
        step.requests.push_back(go_on(session()));
        break;
      case 5:
        cash_in(step);
        break;
      case 6:
        for (auto n = 1 + pick(4); n > 0; --n) step.requests.push_back(money());
        break;
      case 7:
        for (auto n = 2 + pick(5); n > 0; --n) step.requests.push_back(anything());
        break;
      case 8: {  // more than a small queue takes
        const Planned it = session();
        for (auto n = once_in(4) ? 30 : 8; n > 0; --n) step.requests.push_back(about(it));
        break;
      }
      default:
        write_about_sessions(step);
    }
    repeat_some(step);
  }

  /// The doctor cashes in what is then asked back.
  void cash_in(Step& step) {
    const Planned it =
        sessions_.empty() || once_in(2) ? session() : sessions_[pick(sessions_.size())];
    for (auto n = 1 + pick(3); n > 0; --n) {
      const std::int64_t amount = once_in(3) ? 1'000 : 350'000;
      step.requests.push_back(
          {RequestWithdrawal{
               "w" + std::to_string(++withdrawals_), it.doctor, {amount, default_currency}},
           ""});
    }
    if (once_in(2))
      step.requests.push_back({RefundUnits{it.id, std::int64_t(1 + pick(2)), "sorry"}, ""});
    cashing_ = it.doctor;
    cashier_for_ = 1 + int(pick(4));
  }

  /// What was cashed in lately is decided upon, by two who do not know of each other.
  void write_cashier(Step& step) {
    --cashier_for_;
    for (auto n = 2 + pick(6); n > 0; --n) {
      switch (pick(8)) {
        case 0:
          step.requests.push_back({PutDoctor{cashing_, std::nullopt}, ""});
          break;
        case 1:
          step.requests.push_back({GetWallet{cashing_}, ""});
          break;
        case 2:
          step.requests.push_back(money());
          break;
        default: {
          static constexpr WithdrawalStatus moves[] = {
              WithdrawalStatus::approved, WithdrawalStatus::rejected, WithdrawalStatus::paid};
          const int which = std::max(1, withdrawals_ - int(pick(3)));
          step.requests.push_back({MoveWithdrawal{"w" + std::to_string(which), moves[pick(3)]},
                                   once_in(3) ? key() : ""});
        }
      }
    }
  }

  void write_about_sessions(Step& step) {
    const Planned it = session();
    for (auto n = 1 + pick(4); n > 0; --n) step.requests.push_back(about(it));
    if (once_in(3)) step.requests.push_back(once_in(2) ? change() : top_up());
    if (once_in(4)) step.requests.push_back(about(session()));
    if (once_in(4)) step.requests.push_back(money());
  }

  void write_fault(Step& step) {
    step.fault = once_in(3) ? Fault::sync_fails : Fault::crash;
    step.fault_after = step.fault == Fault::crash ? pick(once_in(2) ? 6 : 80) : 1 + pick(6);
    step.unsynced = static_cast<Unsynced>(pick(3));
    if (once_in(2)) step.down_ms = pauses[pick(std::size(pauses))];
    elapsed_ += step.down_ms + clock_.while_down(step);
    if (once_in(4)) step.recovery_fails_at = 1 + pick(12);
    if (once_in(4)) step.policy = policy();
  }

  Step step() {
    Step step;
    step.seed = random_();
    if (std::exchange(fresh_, false) && !once_in(4)) {
      // Most sessions are answered soon.
      for (std::size_t i = 0; i < 2; ++i) {
        if (i < sessions_.size())
          step.requests.push_back(go_on(sessions_[sessions_.size() - 1 - i]));
      }
    } else if (cashier_for_ > 0) {
      write_cashier(step);
    } else if (once_in(3)) {
      step.pass_ms = once_in(25) ? day + hour : pauses[pick(std::size(pauses))];
      step.on_time = once_in(2);
      elapsed_ += clock_.while_running(step);
      if (once_in(12)) step.disk_full = true;
      if (step.disk_full) step.on_time = false;
      elapsed_ += step.pass_ms;
    }
    if (!step.requests.empty()) {
      repeat_some(step);
    } else if (step.pass_ms > 0 && !step.on_time) {
      write_about_sessions(step);
    } else if (step.pass_ms == 0 || once_in(4)) {
      write_requests(step);
    }
    if (once_in(5)) write_fault(step);
    return step;
  }

  std::mt19937_64 random_;
  WrongClock clock_{random_};
  Story story_;
  Instant elapsed_ = 0;  ///< about
  int subscriptions_ = 0;
  int withdrawals_ = 0;
  int keys_ = 0;
  bool fresh_ = false;   ///< sessions that nobody has answered yet
  std::string cashing_;  ///< the doctor who did so last
  int cashier_for_ = 0;  ///< steps that are still about his withdrawals
  std::vector<Planned> sessions_;
};

}  // namespace

Story story_of(std::uint64_t seed, std::size_t steps) { return Author(seed).write(steps); }

}  // namespace toll::tests
