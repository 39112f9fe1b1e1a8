// A naive model of the billing rules (docs/RULES.md), the oracle of the property tests and of the
// simulations. It shares no code with billing/ and keeps no counters: what is taken, held, free or
// paid is counted again from the whole history each time it is asked for.
//
// Commands come with the server's instant in milliseconds, which never goes back, and in the order
// in which the server carries them out. Where several sessions become due at one instant, the order
// is the caller's: he calls wake() for each. Single-threaded; channels, statuses, parties and codes
// are the words of the API.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace toll::model {

using Ms = std::int64_t;
using Count = std::int64_t;
using PerChannel = std::map<std::string, Count>;  ///< "text", "voice", "video"; absent: 0
Count units_of(const PerChannel& units, const std::string& channel);

/// The policy. A session keeps the rules that it started with.
struct Rules {
  Ms interval = 600'000;
  bool manual_unit = true;
  PerChannel min_billable{{"text", 0}, {"voice", 60'000}, {"video", 60'000}};  ///< ms
  Ms response_window = 300'000;
  Ms ring_timeout = 90'000;
  Ms waiting_limit = 86'400'000;
  bool grandfather = true;
  bool known_doctors_only = false;
  std::optional<Count> downtime_cap;  ///< absent: bill_all; 0: forgive; N: cap:N
  std::map<std::string, PerChannel> rates{
      {"MWK", {{"text", 350'000}, {"voice", 350'000}, {"video", 350'000}}},
      {"USD", {{"text", 300}, {"voice", 300}, {"video", 300}}}};
};

struct SubscriptionRequest {
  std::string id;
  std::string patient;
  std::set<std::string> members;
  PerChannel units;
  std::optional<Ms> starts_at;  ///< now when absent
  Ms ends_at = 0;
  Count rollover_days = 0;
  std::string payment_ref;
  bool operator==(const SubscriptionRequest&) const = default;
};

/// Absent fields stay as they are.
struct SubscriptionPatch {
  std::optional<bool> enabled;
  std::optional<std::set<std::string>> members;
  std::optional<Ms> ends_at;
};

struct SessionRequest {
  std::string id;
  std::string channel;
  std::string patient;
  std::string doctor;
  std::string external_ref;
  bool operator==(const SessionRequest&) const = default;
};

/// What a command answers. The fields after `code` are as in the HTTP answer of that command.
struct Outcome {
  std::string code;  ///< the refusal, empty when the command was carried out
  bool created = false;
  Count deducted = 0;
  Count intervals_due = 0;
  bool manual_unit = false;
  bool already_ended = false;
  bool operator==(const Outcome&) const = default;
};
inline Outcome refused(std::string code) { return {.code = std::move(code)}; }

struct SessionView {
  std::string status;
  Ms created_at = 0;
  std::optional<Ms> response_deadline;
  std::optional<Ms> activated_at;
  std::optional<Ms> ended_at;
  std::string ended_by;    ///< empty while live
  std::string end_reason;  ///< empty while live
  Count processed = 0;     ///< intervals taken or forgiven
  bool manual = false;
  Count used = 0;
  std::map<std::string, Count> taken_from;  ///< units by subscription, less refunds
  std::string held_on;                      ///< empty when terminal
  Count pay = 0;
  std::optional<Ms> next_wake;  ///< when a timer is due; absent when terminal
  Count refunded = 0;
  bool operator==(const SessionView&) const = default;
};

struct UnitsView {
  Count granted = 0;
  Count taken = 0;
  Count held = 0;
  Count free = 0;
  Count refunded = 0;
  bool operator==(const UnitsView&) const = default;
};

struct SubscriptionView {
  std::map<std::string, UnitsView> units;  ///< all three channels
  std::string status;                      ///< "active", "expired" or "disabled"
  Ms ends_at = 0;                          ///< as shown: the rollover once it has happened
  bool operator==(const SubscriptionView&) const = default;
};

struct WalletView {
  std::string currency;
  Count earned = 0;  ///< less refunds
  Count pending = 0;
  Count withdrawn = 0;
  Count balance() const { return earned - pending - withdrawn; }
  bool operator==(const WalletView&) const = default;
};

/// Who gave a unit, where the caller knows: a walk along the subscriptions is not one instant, so
/// when others move units meanwhile it may be another than the first that can. Empty: nobody.
using Gave = std::optional<std::string>;

/// When a session came into being: its instant, and how many ends had been changed before.
struct Created {
  Ms at = 0;
  Count after_changes = 0;
};

class Model {
 public:
  explicit Model(Rules rules = {}) : rules_{std::move(rules)} {}

  /// Sessions that start from now on follow these rules.
  void change_rules(Rules rules) { rules_.push_back(std::move(rules)); }

  Outcome put_subscription(Ms at, const SubscriptionRequest& request);
  Outcome patch_subscription(Ms at, const std::string& id, const SubscriptionPatch& patch);
  Outcome top_up(Ms at, const std::string& id, const PerChannel& units);
  Outcome put_doctor(Ms at, const std::string& id, const std::optional<std::string>& currency);

  /// Refuses in the order session_exists, doctor_not_found, no_units, patient_busy, doctor_busy.
  /// One that would be refused while somebody is busy first settles the patient's live session of
  /// that kind, then the doctor's, and looks again. The same request again settles nothing.
  Outcome start(Ms at, const SessionRequest& request, const Gave& gave = {});

  /// These first apply what is due at `at`: a deadline passed, or boundaries.
  Outcome message(Ms at, const std::string& session, const std::string& from);
  Outcome activate(Ms at, const std::string& session);
  Outcome deduct(Ms at, const std::string& session);
  Outcome end(Ms at, const std::string& session, const std::string& by);

  /// A timer, or recovery.
  Outcome wake(Ms at, const std::string& session, const Gave& gave = {});

  /// The server does nothing of what falls due after `since`, until and with the instant at which
  /// it is ready. One in which it crashes goes on.
  void outage_began(Ms since) {
    if (outages_.empty() || outages_.back().until) outages_.push_back({since, {}, {}});
  }
  /// The operator's word about the outage under way: "bill" or "forgive".
  void outage_judged(const std::string& verdict) { outages_.back().verdict = verdict; }
  void ready(Ms at) { outages_.back().until = at; }
  /// Boundaries so long after the beginning of an outage are charged at most, unless the operator
  /// says "bill".
  void change_max_outage(Ms max_outage) { max_outage_ = max_outage; }

  /// Newest unit first; applies what is due before.
  Outcome refund(Ms at, const std::string& session, Count units);

  Outcome withdraw(const std::string& id, const std::string& doctor, Count amount,
                   const std::string& currency);
  /// To "approved", "rejected" or "paid".
  Outcome move_withdrawal(const std::string& id, const std::string& to);

  /// Views, as GET answers them at `at`.
  std::vector<std::string> sessions() const;  ///< ids, oldest first
  std::vector<std::string> subscriptions() const;
  std::vector<std::string> doctors() const;
  SessionView session(const std::string& id) const;
  SubscriptionView subscription(const std::string& id, Ms at) const;
  WalletView wallet(const std::string& doctor) const;
  PerChannel balance(const std::string& patient, Ms at) const;
  std::string withdrawal(const std::string& id) const;  ///< its status, empty: unknown

  /// A session that is created now.
  Created created_at(Ms at) const { return {at, end_changes_}; }

  /// Those who can give the patient a unit at `at`, in the order in which they are asked.
  std::vector<std::string> givers(const std::string& patient, const std::string& channel, Ms at,
                                  Created created, bool grandfather) const;

 private:
  struct EndChange {
    Count number;  ///< of all changes of ends, from 1
    Ms ends_at;
  };
  struct Subscription {
    SubscriptionRequest request;
    Ms starts_at = 0;
    bool enabled = true;
    std::set<std::string> members;
    std::vector<EndChange> end_changes;
    std::vector<PerChannel> top_ups;
  };
  struct Session {
    SessionRequest request;
    std::size_t rules = 0;
    std::string currency;
    Created created;
    std::string status = "waiting";
    std::optional<Ms> response_deadline;
    std::optional<Ms> activated_at;
    std::optional<Ms> ended_at;
    std::string ended_by;
    std::string end_reason;
    std::string held_on;
  };
  struct Taking {
    std::string session;
    std::string subscription;
    std::string channel;
    Count interval;  ///< 0: the manual unit
    Count pay;
    std::string doctor;
    bool refunded = false;
  };
  struct Withdrawal {
    std::string doctor;
    Count amount;
    std::string status;
  };

  bool live(const Session& session) const;
  Count units_due(const Session& session, Ms at) const;
  Count processed(const std::string& session) const;
  Count granted(const Subscription& subscription, const std::string& channel) const;
  Count taken(const std::string& subscription, const std::string& channel) const;
  Count refunded(const std::string& subscription, const std::string& channel) const;
  Count held(const std::string& subscription, const std::string& channel) const;
  Count free(const Subscription& subscription, const std::string& channel) const;
  /// ends_at and the rollover days that are still to come or happened, replayed from the changes.
  /// As they were after so many changes of ends in all, or as they are.
  std::pair<Ms, Ms> end_and_extension(const Subscription& subscription,
                                      std::optional<Count> changes = {}) const;
  bool may_give(const Subscription& subscription, const std::string& patient, Ms at,
                Created created, bool grandfather) const;
  /// The subscription that gives the next unit, empty when there is none.
  std::string giver(const std::string& patient, const std::string& channel, Ms at, Created created,
                    bool grandfather, const Gave& gave) const;
  std::optional<Ms> next_wake(const Session& session) const;
  Session* find(const std::string& id);
  Session* busy_patient(const SessionRequest& request);
  Session* busy_doctor(const SessionRequest& request);
  void take(const Session& session, Count interval);
  void close(Session& session, const std::string& status, Ms at, const std::string& by,
             const std::string& reason);
  Count settle(Ms at, Session& session, const Gave& gave = {});
  /// Whether boundary k of the session falls into an outage and costs nothing.
  bool is_free(const Session& session, Count k) const;
  Ms boundary(const Session& session, Count k) const {
    return *session.activated_at + k * rules_[session.rules].interval;
  }

  struct Outage {
    Ms since;
    std::optional<Ms> until;  ///< absent: it is under way
    std::string verdict;      ///< empty: nobody has said anything
    bool has(Ms instant) const { return instant > since && (!until || instant <= *until); }
  };

  std::vector<Rules> rules_;
  std::vector<Outage> outages_;  ///< oldest first
  Ms max_outage_ = 86'400'000;
  std::map<std::string, Subscription> subscriptions_;
  Count end_changes_ = 0;
  std::map<std::string, std::string> doctors_;  ///< id to currency
  std::vector<Session> sessions_;               ///< oldest first
  std::vector<Taking> takings_;
  std::map<std::string, Withdrawal> withdrawals_;
  std::set<std::pair<std::string, Count>> forgiven_;  ///< session and interval
};

}  // namespace toll::model
