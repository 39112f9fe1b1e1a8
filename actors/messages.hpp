// Every message and every actor's interface: reading this header is reading the system. Messages
// never leave the process. All handlers only react; an answer to a client travels in the ask.
#pragma once

#include <caf/all.hpp>
#include <concepts>

#include "actors/ask.hpp"
#include "persistence/rows.hpp"

namespace toll::actors {

struct Enter;
struct Serve;
struct Loaded;
struct ClaimDecided;
struct StartWalk;
struct ChargeWalk;
struct BalanceWalk;
struct PartiesWoken;
struct RefundAsked;
struct RefundDone;
struct FactHeard;
struct Arm;
struct Tick;
struct Woken;
struct TurnTaken;
struct RunUntil;
struct RunEnded;
struct ClockMoved;
struct KeyFound;
struct KeyAnswered;

using StartWalkPtr = std::shared_ptr<StartWalk>;
using ChargeWalkPtr = std::shared_ptr<ChargeWalk>;
using BalanceWalkPtr = std::shared_ptr<BalanceWalk>;

/// One session: decides what is due from its own counters and the instant of the ask.
using SessionActor = caf::typed_actor<
    caf::reacts_to<Enter>,          ///< which session it is from now on
    caf::reacts_to<Serve>,          ///< a command; queued while an operation is under way
    caf::reacts_to<Loaded>,         ///< its row, or that there is none
    caf::reacts_to<ClaimDecided>,   ///< whether patient and doctor are free for its start
    caf::reacts_to<StartWalkPtr>,   ///< is back from the patient's subscriptions
    caf::reacts_to<ChargeWalkPtr>,  ///< the same at a boundary
    caf::reacts_to<RefundDone>,     ///< the doctor's actor has written its refund
    caf::reacts_to<PartiesWoken>>;  ///< those who stood in its way have applied what was due

/// One subscription: decides whether it can give a unit, and writes the record that says so.
using SubscriptionActor = caf::typed_actor<
    caf::reacts_to<Enter>,           ///< which subscription it is from now on
    caf::reacts_to<Serve>,           ///< a command
    caf::reacts_to<Loaded>,          ///< its row, or that there is none
    caf::reacts_to<StartWalkPtr>,    ///< a question: answered, or handed on to the next one
    caf::reacts_to<ChargeWalkPtr>,   ///< the same
    caf::reacts_to<BalanceWalkPtr>,  ///< the same, but always handed on
    caf::reacts_to<FactHeard>>;      ///< a fact about its units that another actor wrote

/// One doctor: gives the operations on a wallet one order.
using DoctorActor =
    caf::typed_actor<caf::reacts_to<Enter>,  ///< which doctor it is from now on
                     caf::reacts_to<Serve>,  ///< a command; queued while the wallet is being read
                     caf::reacts_to<RefundAsked>,  ///< a session takes pay back; queued as well
                     caf::reacts_to<Loaded>>;      ///< the wallet as of the operation's beginning

/// Wakes sessions when something becomes due; decides nothing.
using TimerActor =
    caf::typed_actor<caf::reacts_to<Arm>,        ///< when a session next has something due, if ever
                     caf::reacts_to<Tick>,       ///< what time it is
                     caf::reacts_to<Woken>,      ///< a woken session has done what was due, durably
                     caf::reacts_to<TurnTaken>,  ///< and before that, where one goes after another
                     caf::reacts_to<RunUntil>>;  ///< everything that is due, in turn

/// The test clock: from one due instant to the next.
using TestClockActor = caf::typed_actor<caf::reacts_to<Serve>,     ///< AdvanceClock or GetClock
                                        caf::reacts_to<RunEnded>,  ///< nothing is left that was due
                                        caf::reacts_to<ClockMoved>>;  ///< its new time is on disk

/// Gives the requests with one idempotency key one order, and the later ones the first one's answer
/// (rule 8).
using KeysActor =
    caf::typed_actor<caf::reacts_to<Serve>,         ///< a request with a key: claims it, or waits
                     caf::reacts_to<KeyFound>,      ///< what is kept of the key, from the rows
                     caf::reacts_to<KeyAnswered>>;  ///< the request that has claimed it is done

struct SessionResident;
struct SubscriptionResident;
struct DoctorResident;
/// Where the directory keeps an entity.
using Place = std::variant<SessionResident*, SubscriptionResident*, DoctorResident*>;

/// The first message of an actor's life in memory, and of each later one: actors that have left
/// memory serve other entities, because making an actor costs more than all that it does.
struct Enter {
  Place place;
  std::string id;
  std::string left_with;  ///< what it knew when it left memory; empty: its row says all
  bool is_new = false;    ///< it has no row
};

struct Serve {
  AskPtr ask;
};

/// A row; the alternative that is set is the kind of the actor, monostate: there is no row.
struct Loaded {
  std::variant<std::monostate, billing::Session, billing::Subscription, billing::Doctor> row;
  billing::Seq at = 0;  ///< what the rows showed: facts up to it are in the row (rule 5)
  std::optional<billing::Withdrawal> withdrawal;  ///< that the doctor's operation is about
};

/// The subscriptions that a patient may be able to use, oldest first, then smallest id: a superset,
/// each subscription decides for itself. Immutable, shared by the walks under way.
struct Listing {
  billing::Instant starts_at = 0;
  std::string subscription;
  auto operator<=>(const Listing&) const = default;
};
using PatientList = std::vector<Listing>;

/// How a question travels along a patient's subscriptions until one can answer it. They hand it on
/// themselves, through the directory, so none ever waits for another (rule 7).
struct Route {
  std::string patient;
  billing::Instant at = 0;
  std::shared_ptr<const PatientList> list;
  std::size_t next = 0;
  /// The gain counters met on the way, the directory's own first. Two walks with equal gains in
  /// which nobody gave are one instant at which nobody could.
  std::vector<std::uint64_t> gains;
};

/// What a session asks for, and what it has got when the walk is back.
struct SessionWalk : Route {
  AskPtr ask;  ///< what is given is recorded for it
  SessionActor session;
  std::optional<billing::Record> given;
};

/// For the first unit: Created.
struct StartWalk : SessionWalk {
  billing::StartQuestion question;
  bool probe = false;       ///< a start that would be refused anyway: hold nothing
  bool could_give = false;  ///< probe: somebody could
};

/// For the next unit: Charged.
struct ChargeWalk : SessionWalk {
  billing::ChargeQuestion question;
  std::int64_t due = 0;  ///< boundaries, of which it asks for the first few
};

/// For all that is free. It goes all the way, and is answered at its end.
struct BalanceWalk : Route {
  AskPtr ask;
  BalanceAnswer found;
};

/// A Charged, Ended or Refunded record that moves units of `subscription`.
struct FactHeard {
  std::string subscription;
  billing::Record record;
};

/// The busy session's request to write its refund: a doctor's refunds and withdrawals have one
/// order.
struct RefundAsked {
  std::string doctor;
  billing::Instant at = 0;
  std::vector<billing::Refunded> facts;
  AskPtr ask;
  SessionActor session;
};

struct RefundDone {
  std::vector<billing::Record> records;
};

struct Claim {
  std::string session;
  std::string patient;
  std::string doctor;
  bool call = false;
  SessionActor who;
};

struct ClaimDecided {
  std::string patient_live;    ///< the session that keeps the patient busy, empty: none
  std::string doctor_live;     ///< and the doctor
  billing::Currency currency;  ///< the doctor's, or the default for an unknown one
};

struct PartiesWoken {};

struct Listed {
  Listing listing;
  std::vector<std::string> added;
  std::vector<std::string> removed;
};

/// The session's timer, of which there is one at most: what it is set to, instead of what it was.
struct Arm {
  std::string session;
  std::optional<billing::Instant> due;  ///< absent: never
  std::optional<billing::Instant> was;  ///< absent: not set
  bool boundary = false;                ///< and not a deadline
};

struct Tick {
  billing::Instant now = 0;
};

struct Woken {
  std::size_t wakes = 0;
};

/// Everything is appended that was due at this instant in the session woken last.
struct TurnTaken {
  billing::Instant due = 0;
};

/// At the end of an outage, and from the test clock. `done` is called once nothing may fire that is
/// due at `now`, with the earliest instant at which something is. True: from now on the timer fires
/// by itself, which it does not while there is more to recover, and never by a test clock.
struct RunUntil {
  billing::Instant now = 0;
  std::function<bool(std::optional<billing::Instant> next_due)> done;
};

struct RunEnded {
  std::optional<billing::Instant> next_due;
};

struct ClockMoved {};

struct KeyFound {
  billing::RequestDigest key{};
  std::optional<persistence::KeptAnswer> kept;
};

struct KeyAnswered {
  billing::RequestDigest key{};
  Answer answer;
  Effect effect;
};

template <class T, class... These>
concept one_of = (std::same_as<T, These> || ...);

/// CAF need not look into what never leaves the process.
template <class T>
concept local_message =
    one_of<T, Enter, Serve, Loaded, ClaimDecided, PartiesWoken, RefundAsked, RefundDone,
           StartWalkPtr, ChargeWalkPtr, BalanceWalkPtr, FactHeard, Arm, Tick, Woken, TurnTaken,
           RunUntil, RunEnded, ClockMoved, KeyFound, KeyAnswered>;

}  // namespace toll::actors

template <toll::actors::local_message T>
struct caf::allowed_unsafe_message_type<T> : std::true_type {};
