// The directory: which actor owns an id, who is busy, and which subscriptions a patient may use.
// The only one that spawns actors and has them enter and leave memory (rule 3). Not an actor but
// tables behind a mutex: everything it does is one short step in memory, and a step of its own
// would cost each deduction two messages. May be called from any thread.
#pragma once

#include <map>
#include <mutex>

#include "actors/at_rest.hpp"
#include "actors/context.hpp"
#include "actors/resident.hpp"
#include "actors/unbilled.hpp"

namespace toll::actors {

struct Patient {
  std::shared_ptr<const PatientList> list;  ///< null: none
  std::uint64_t gain = 1;                   ///< grows when a subscription is listed (rule 7)
  std::string live_text;                    ///< the session that keeps him busy, empty: none
  std::string live_call;

  std::string& live(bool call) { return call ? live_call : live_text; }
  bool forgettable() const { return !list && live_text.empty() && live_call.empty(); }
};

struct DoctorEntry {
  billing::Version version = 0;
  billing::Currency currency;  ///< the wallet itself is the doctor actor's business
  bool named = false;          ///< a session names the doctor
  bool known = false;          ///< registered, or named by a session
  std::string live;
};

/// How many records in a row count as one age of sessions: for a bound, not a date.
inline constexpr billing::Seq records_of_an_age = 4096;

/// A start that has claimed its patient and its doctor and is not settled yet. Whoever meets it
/// waits here and is tried again when it is.
struct UnsettledClaim {
  Claim claim;
  billing::Seq after = 0;  ///< the record that creates the session comes after this one
  std::vector<std::variant<Claim, Serve>> waiting;
};

struct DirectoryTables {
  Residents<SessionResident> sessions;
  Residents<SubscriptionResident> subscriptions;
  Residents<DoctorResident> doctor_actors;
  Table<Patient> patients;
  Table<DoctorEntry> doctors;
  Table<UnsettledClaim> claims;  ///< by session
  std::map<billing::Seq, std::int64_t>
      live_by_age;  ///< sessions, by created_seq / records_of_an_age
  /// Actors that have left memory: the next to come in, because making one costs more than all that
  /// it does.
  std::tuple<std::vector<SessionActor>, std::vector<SubscriptionActor>, std::vector<DoctorActor>>
      spare;
};

class Directory {
 public:
  /// Both outlive it.
  Directory(caf::actor_system& system, const Context& context);

  /// directory_restore.cpp: every doctor and every list, a place for each live session and for each
  /// subscription that holds a unit, and a timer for each live session. Before any other call.
  void restore();

  /// Lets go of all actors. Asks that come later are dropped, and so answered Unavailable.
  void stop();

  // directory_routes.cpp: from an id to its actor, which is spawned when it is not in memory.
  void serve(const AskPtr& ask);
  /// A question for the next of the patient's subscriptions, or its end for whoever asked.
  template <class Walk>
  void walk_on(const std::shared_ptr<Walk>& walk);
  /// A fact for the subscription that it concerns.
  void tell(FactHeard heard);
  void refund(RefundAsked asked);
  /// Whose withdrawal this MoveWithdrawal is about; without a doctor there is none such.
  void found_withdrawal(const AskPtr& ask, const std::optional<std::string>& doctor);
  /// People may, or may no longer, use a subscription.
  void list(const Listed& listed);

  // directory_claims.cpp: who is busy. At most one live session per doctor, one live text session
  // and one live call per patient.
  /// A start claims its patient and its doctor; it is sent one ClaimDecided.
  void claim(const Claim& claim);
  /// The claim became a live session; `own`: the patient has started it himself.
  void settle(const billing::Session& session, bool own);
  void unclaim(const std::string& session);  ///< the start was refused
  /// A start of a session that does not exist yet, before it claims anything: why it may not be
  /// tried, if it may not.
  std::optional<Answer> refused_start(const Ask& ask, const StartSession& start);
  /// Wakes the live sessions in the way of a claim; it is sent one PartiesWoken.
  void wake_parties(const Claim& claim, billing::Instant at);
  /// The session has ended: its patient and its doctor are free.
  void free(const billing::Session& session);
  /// No session that a record before this one created is live: as a rule one shortly before the
  /// oldest.
  billing::Seq oldest_live();

  // directory_at_rest.cpp: an ordinary boundary of a session that is at rest needs no actor.
  /// Charges what is due at `now`, if something is at `due`, which the timer knows. What is due
  /// next, maybe before `now`; none if nothing was done, because this takes the session's actor.
  struct NextWake {
    billing::Instant at = 0;
    bool boundary = false;  ///< and not a deadline
  };
  std::optional<NextWake> wake_at_rest(const std::string& session, billing::Instant due,
                                       billing::Instant now);

  // directory.cpp: an actor's way out of memory.
  /// It has nothing to do: it leaves, and comes back with this, or with its row if this is empty,
  /// or once the rows show `fades_at` (rule 5). It stays if something is still on its way to it.
  void left(const Presence& presence, std::string with, billing::Seq fades_at = never);

 private:
  /// A session at rest, with what was just charged.
  struct ChargedAtRest {
    SessionMemory memory;
    billing::Instant at = 0;
    std::int64_t units = 0;
    std::int64_t intervals_due = 0;
  };
  class Router;
  class Restore;

  /// On any thread.
  template <class Function>
  auto spawn(Function function);

  // With the mutex held.
  /// What a subscription at rest remembers.
  SubscriptionMemory& remembered(SubscriptionResident& place, SubscriptionMemory& unpacked);
  /// What is due in a session at rest, which `charged` has the memory of. False: it takes the
  /// actors. The caller packs the memory again.
  bool charge_at_rest(billing::Instant now, std::string triggered_by, ChargedAtRest& charged);
  /// Answers the ask, unless it takes the session's actor.
  bool deduct_at_rest(SessionResident& place, const AskPtr& ask, const DeductUnits& command);
  void route(const AskPtr& ask);
  template <class Walk>
  void step(const std::shared_ptr<Walk>& walk);
  SessionResident& session(const std::string& id, bool is_new);
  SubscriptionResident& subscription(const std::string& id);
  DoctorResident& doctor(const std::string& id);
  /// Lets a few places go whose rows say all by now.
  template <class SomeResident>
  void fade(Residents<SomeResident>& residents);
  template <class SomeResident, class Function>
  void bring_in(SomeResident& resident, Function function, Enter enter);
  auto& residents_of(const SessionResident&) { return tables_.sessions; }
  auto& residents_of(const SubscriptionResident&) { return tables_.subscriptions; }
  auto& residents_of(const DoctorResident&) { return tables_.doctor_actors; }
  void list_people(const Listed& listed);

  bool unsettled(const std::string& session) const;
  void decide_claim(const Claim& claim);
  void put_doctor(const AskPtr& ask);
  void try_again(UnsettledClaim settled);
  void forget_if_empty(const std::string& patient, const std::string& doctor);

  caf::actor_system& system_;
  const Context& context_;
  std::recursive_mutex mutex_;  ///< an asker may ask again while it hears its answer
  bool stopped_ = false;
  DirectoryTables tables_;
  OpenAtRest open_;
  Unbilled unbilled_;
};

}  // namespace toll::actors
