// The pure rules at work without actors: commands decide, facts go into a list and are folded into
// every entity that they name, in the order in which an actor system would do it. Single-threaded.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "billing/apply.hpp"
#include "billing/decide.hpp"

namespace toll::tests {

using namespace billing;  // NOLINT: the vocabulary of every test in this folder.

/// What a command did; the fields are those of actors::SessionAnswer.
struct Done {
  std::optional<Refusal> refusal;
  bool created = false;
  std::int64_t deducted = 0;
  std::int64_t intervals_due = 0;
  bool manual_unit = false;
  bool already_ended = false;
};

class World {
 public:
  explicit World(Policy policy = {}) { policies.add(std::move(policy)); }

  Done put(Instant at, Granted request, bool starts_now = false);
  Done patch(Instant at, const std::string& subscription, Change change);
  Done top_up(Instant at, const std::string& subscription, const Units& units);
  Done put_doctor(Instant at, const std::string& doctor, std::optional<Currency> currency);
  Done start(Instant at, const std::string& session, Channel channel, const std::string& patient,
             const std::string& doctor, std::optional<std::string> external_ref = {});
  Done message(Instant at, const std::string& session, Party from);
  Done activate(Instant at, const std::string& session);
  Done deduct(Instant at, const std::string& session, const std::string& triggered_by = "phone");
  Done end(Instant at, const std::string& session, Party by = Party::patient);
  Done wake(Instant at, const std::string& session);

  Done refund(Instant at, const std::string& session, std::int64_t units);
  Done withdraw(Instant at, const std::string& doctor, const std::string& id, const Money& amount);
  Done move(Instant at, const std::string& withdrawal, WithdrawalStatus to);

  /// All of an outage in which this was the only live session.
  Done recover(Instant since, Instant at, const std::string& session);
  void begin_outage(Instant since, Instant at) { append(at, OutageBegan{since}); }
  void judge_outage(Instant at, OutageVerdict verdict) {
    append(at, OutageJudged{*outages.since, verdict});
  }
  void ready(Instant at) { append(at, Ready{}); }

  /// Appends a record and folds it into everything that it names.
  void append(Instant at, Fact fact);

  /// The world as a restart finds it when only the first `count` records reached the disk.
  World after_crash(std::size_t count) const;

  /// docs/RULES.md, "Invariants": the first one that does not hold, empty when all do.
  std::string broken_invariant() const;

  const Policy& policy_of(const std::string& session) const;
  Moment moment(const std::string& session, Instant at) const;
  /// The subscriptions in the order in which they are asked.
  std::vector<std::string> giving_order() const;
  std::int64_t earned(const std::string& doctor) const { return doctors.at(doctor).earned; }

  PolicyBook policies;
  std::map<std::string, Session> sessions;
  std::map<std::string, Subscription> subscriptions;
  std::map<std::string, Doctor> doctors;
  std::map<std::string, Withdrawal> withdrawals;
  Outages outages;
  std::vector<Record> records;

 private:
  void fold(const Record& record);
  std::int64_t settle(Instant at, const std::string& session, const std::string& triggered_by);
  std::vector<std::string> busy(const StartQuestion& question) const;
};

inline constexpr Instant t0 = 1'767'225'600'000;  ///< 2026-01-01T00:00:00Z
inline constexpr std::int64_t rate = 350'000;     ///< of each unit, in MWK
inline constexpr Currency usd{{'U', 'S', 'D'}};
inline Money mwk(std::int64_t amount) { return {amount, default_currency}; }
constexpr Instant seconds(std::int64_t s) { return s * 1000; }
constexpr Instant minutes(std::int64_t m, std::int64_t s = 0) { return seconds(m * 60 + s); }
constexpr Instant days(std::int64_t d) { return d * seconds(86'400); }

/// A subscription of `patient` with `units` of every channel, from t0 for thirty days.
Granted grant(const std::string& id, const std::string& patient, std::int64_t units);

/// A world where patient "p" has `units` units on "s1" and session "x" with doctor "d" was
/// answered at t0.
World running(Channel channel, std::int64_t units, Policy policy = {});

}  // namespace toll::tests
