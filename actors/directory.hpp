// The directory: which actor owns an id, who is busy, and which subscriptions a patient may use.
// The only one that spawns and retires actors (rule 3). Works in memory and in one step, always.
#pragma once

#include <deque>
#include <unordered_map>

#include "actors/context.hpp"

namespace toll::actors {

/// An actor in memory, and how many messages the directory has sent it.
template <class Actor>
struct Resident {
  Actor actor;
  std::uint64_t sent = 0;
};

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

/// All that the directory knows. Recovery fills it before the directory's first message.
struct DirectoryTables {
  std::unordered_map<std::string, Resident<SessionActor>> sessions;
  std::unordered_map<std::string, Resident<SubscriptionActor>> subscriptions;
  std::unordered_map<std::string, Resident<DoctorActor>> doctor_actors;
  std::unordered_map<std::string, Patient> patients;
  std::unordered_map<std::string, DoctorEntry> doctors;
  std::unordered_map<std::string, UnsettledClaim> claims;  ///< by session
  std::deque<Idle> idle;  ///< could leave memory, the longest idle first; some are stale
};

struct DirectoryState : DirectoryTables {
  explicit DirectoryState(DirectoryActor::pointer self) : self(self) {}

  DirectoryActor::pointer self;
  const Context* context = nullptr;
};

DirectoryActor::behavior_type directory_actor(DirectoryActor::stateful_pointer<DirectoryState> self,
                                              const Context* context,
                                              std::shared_ptr<DirectoryTables> recovered);

/// directory_restore.cpp: every doctor and every list, an actor for each live session and for each
/// subscription that holds a unit, and a timer for each live session. On the caller's thread, while
/// the actors that it spawns start on others; the timer actor exists already.
std::shared_ptr<DirectoryTables> restore_directory(caf::actor_system& system,
                                                   const Context* context);

// directory_routes.cpp: from an id to its actor, which is spawned when it is not in memory.
void route(DirectoryState& state, const AskPtr& ask);
void walk_on(DirectoryState& state, const WalkPtr& walk);
void route_fact(DirectoryState& state, const FactHeard& heard);
void route_refund(DirectoryState& state, const RefundAsked& asked);
void route_withdrawal(DirectoryState& state, const WithdrawalFound& found);
void list_people(DirectoryTables& tables, const Listed& listed);

// directory_claims.cpp: who is busy. At most one live session per doctor, one live text session and
// one live call per patient.
void decide_claim(DirectoryState& state, const Claim& claim);
void settle_claim(DirectoryState& state, const std::string& session);
void drop_claim(DirectoryState& state, const std::string& session);
void wake_parties(DirectoryState& state, const WakeParties& message);
void free_parties(DirectoryState& state, const Freed& freed);
void put_doctor(DirectoryState& state, const AskPtr& ask);

}  // namespace toll::actors
