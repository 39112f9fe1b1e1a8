// The fold: what a fact does to each entity that it names. Actors, the materialiser, recovery and
// `tollctl verify` all use these functions, so that memory, rows and journal cannot disagree.
// Each asserts the fact's preconditions: version + 1 on the owner of the record, and for every
// other entity the effect's own (this hold is this session's, a unit is free, the same currency).
#pragma once

#include "billing/facts.hpp"

namespace toll::billing {

/// A fact whose place in the journal matters.
template <class Fact>
struct Placed {
  const Fact& fact;
  Seq seq;
};

/// Facts about a session. Created makes it.
Session created(const Created& fact, Seq seq, Instant at);
void apply(Session& session, const DeadlineSet& fact, Instant at);
void apply(Session& session, const Activated& fact, Instant at);
void apply(Session& session, const Charged& fact, Instant at);
void apply(Session& session, const Forgiven& fact, Instant at);
void apply(Session& session, const Ended& fact, Instant at);
void apply(Session& session, const Refunded& fact, Instant at);

/// Facts about a subscription. Granted makes it. Created, Charged and Ended change it as far as
/// they name it: as the one that gave the unit, the one that holds the next, or both.
Subscription granted(const Granted& fact, Instant at);
void apply(Subscription& subscription, const Placed<Changed>& fact, Instant at);
void apply(Subscription& subscription, const ToppedUp& fact, Instant at);
void apply(Subscription& subscription, const Created& fact, Instant at);
void apply(Subscription& subscription, const Charged& fact, Instant at);
void apply(Subscription& subscription, const Ended& fact, Instant at);
void apply(Subscription& subscription, const Refunded& fact, Instant at);

/// Facts about a withdrawal. WithdrawalRequested makes it.
Withdrawal requested(const WithdrawalRequested& fact, Instant at);
void apply(Withdrawal& withdrawal, const WithdrawalMoved& fact, Instant at);

/// Facts about a doctor. A doctor who is not known yet starts as Doctor{id}.
void apply(Doctor& doctor, const DoctorRegistered& fact);
void apply(Doctor& doctor, const Created& fact);
void apply(Doctor& doctor, const Charged& fact);
void apply(Doctor& doctor, const Ended& fact);
void apply(Doctor& doctor, const Refunded& fact);
void apply(Doctor& doctor, const WithdrawalRequested& fact);
void apply(Doctor& doctor, const WithdrawalMoved& fact);

}  // namespace toll::billing
