// The session actor. One operation at a time: the timer, both phones and the hang-up queue behind
// the one under way, and that is the whole concurrency control.
#pragma once

#include <list>
#include <memory>

#include "actors/at_rest.hpp"
#include "actors/context.hpp"

namespace toll::actors {

/// The command being carried out, and what it has done so far.
struct Operation {
  AskPtr ask;
  billing::Instant at = 0;  ///< the later of the ask's instant and the session's last one
  bool was_active = false;
  bool was_live = false;
  std::vector<std::uint64_t> gains;  ///< of the last walk in which nobody gave

  // A start only.
  ClaimDecided claim;
  bool unit_seen = false;    ///< somebody could have given while the claim was refused
  bool tried_again = false;  ///< those in its way have been woken once

  bool refused_by_claim() const {
    return !claim.patient_live.empty() || !claim.doctor_live.empty();
  }
};

inline const SessionCommand& command_of(const AskPtr& ask) {
  return std::get<SessionCommand>(ask->command());
}

struct SessionState : Presence, SessionMemory {
  explicit SessionState(SessionActor::pointer self) : self(self) {}

  SessionActor::pointer self;
  const Context* context = nullptr;
  bool loaded = false;
  std::unique_ptr<Operation> operation;  ///< the one under way: the session is busy
  std::list<AskPtr> queue;

  const billing::Policy& policy() const { return context->policies->at(session->policy_version); }
  billing::Moment moment() const { return {*session, policy(), operation->at}; }
};

SessionActor::behavior_type session_actor(SessionActor::stateful_pointer<SessionState> self,
                                          const Context* context);

// The steps of an operation, each in the file that is named after it.

/// session_start.cpp: claim, walk, and then live or refused.
void begin_start(SessionState& state);
void go_on(SessionState& state, const ClaimDecided& claim);
void go_on(SessionState& state, const PartiesWoken&);
void go_on(SessionState& state, const StartWalk& walk);

/// session_serve.cpp: applies what is due at the operation's instant, then carries out the command.
void settle(SessionState& state);
void go_on(SessionState& state, const ChargeWalk& walk);
void go_on(SessionState& state, const RefundDone& done);
/// Answers commands that need no operation: a session that is absent, reads, starts of a known one.
/// False when an operation is needed.
bool answered_at_once(SessionState& state, const AskPtr& ask);

/// session_record.cpp: appends a fact, applies it, and tells those concerned before the answer
/// goes.
void record(SessionState& state, const billing::DeadlineSet& fact);
void record(SessionState& state, const billing::Activated& fact);
void record(SessionState& state, const billing::Forgiven& fact);
void record(SessionState& state, const billing::Ended& fact);
/// A record that a subscription, or the doctor, appended for this session.
void heard(SessionState& state, const billing::Record& record);
/// Tells the timer when the session next has something due.
void arm(SessionState& state);

/// session.cpp: answers the operation under way and takes the next ask from the queue.
void finish(SessionState& state, Answer answer);
/// For a walk of the operation under way.
void set_out(const SessionState& state, SessionWalk& walk);
/// Rule 7: whether this walk, in which nobody gave, proves that nobody can; if not, remembers it.
bool nobody_can_give(Operation& operation, const Route& walk);

}  // namespace toll::actors
