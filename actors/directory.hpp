// The directory: which actor owns an id, who is busy, and which subscriptions a patient may use.
// The only one that spawns and retires actors (rule 3). Not an actor but tables behind a mutex:
// everything it does is one short step in memory, and a step of its own would cost each deduction
// two messages. May be called from any thread.
#pragma once

#include <mutex>
#include <unordered_map>

#include "actors/context.hpp"
#include "actors/resident.hpp"

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

/// A start that has claimed its patient and its doctor and is not settled yet. Whoever meets it
/// waits here and is tried again when it is.
struct UnsettledClaim {
  Claim claim;
  std::vector<std::variant<Claim, Serve>> waiting;
};

struct DirectoryTables {
  std::unordered_map<std::string, SessionResident> sessions;
  std::unordered_map<std::string, SubscriptionResident> subscriptions;
  std::unordered_map<std::string, DoctorResident> doctor_actors;
  std::unordered_map<std::string, Patient> patients;
  std::unordered_map<std::string, DoctorEntry> doctors;
  std::unordered_map<std::string, UnsettledClaim> claims;  ///< by session
  InMemory in_memory;
};

enum class Kind : std::uint8_t { session, subscription, doctor };

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
  void walk_on(const WalkPtr& walk);
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
  void settle(const std::string& session);   ///< the claim became a live session
  void unclaim(const std::string& session);  ///< the start was refused
  /// Wakes the live sessions in the way of a claim; it is sent one PartiesWoken.
  void wake_parties(const Claim& claim, billing::Instant at);
  /// The session has ended: its patient and its doctor are free.
  void free(const billing::Session& session);

  // directory.cpp: the answer of an actor that was asked to leave. What came meanwhile waits here.
  /// It leaves, and comes back with this, or with its row if this is empty.
  void left(Kind kind, const std::string& id, std::string with);
  /// Something is under way, or the rows do not show all that it knows (rule 5).
  void stays(Kind kind, const std::string& id);

 private:
  class Router;
  class Restore;

  /// On any thread.
  template <class... Arguments>
  auto spawn(Arguments&&... arguments);

  // With the mutex held.
  void route(const AskPtr& ask);
  void step(const WalkPtr& walk);
  SessionResident& session(const std::string& id, bool is_new);
  SubscriptionResident& subscription(const std::string& id);
  DoctorResident& doctor(const std::string& id);
  template <class SomeResident, class Start>
  void bring_in(SomeResident& resident, Start start);
  template <class Function>
  void with_resident(Kind kind, const std::string& id, Function function);
  void list_people(const Listed& listed);
  void get_balance(const AskPtr& ask);

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
};

}  // namespace toll::actors
