// Folding a record into whatever holds the entities: the materialiser's cache, or the maps of
// `tollctl verify`. Which entities a fact names is said here once; what it does to each, in
// apply.hpp.
#pragma once

#include "billing/apply.hpp"
#include "billing/clock_offset.hpp"
#include "persistence/kept_answer.hpp"

namespace toll::persistence {

/// `World` has
///   void session(id, fact, at), subscription(id, fact, at)   apply to what must be there
///   void withdrawal(id, fact, at)                            the same
///   void doctor(id, fact)                                    apply, to a new one if not there
///   void stated(session), earned(doctor)                     this record is a line, an entry
///   void add(Session&&), add(Subscription&&), add(Withdrawal&&), add(version, Policy)
///   bool keeps(record)                                       whether it wants its kept answer
///   void add(KeptAnswer&&)                                   this record has a cause
///   Outages& outages()
///   void clock_offset(offset)                                none: server time is the wall clock's
///   const Session& session(id), subscription(id), withdrawal(id)    as it is now
template <class World>
class Fold {
 public:
  Fold(World& world, const billing::Record& record) : world_(world), record_(record) {}

  void operator()(const billing::Granted& fact) { world_.add(billing::granted(fact, at())); }
  void operator()(const billing::Changed& fact) {
    world_.subscription(fact.subscription, billing::Placed<billing::Changed>{fact, record_.seq},
                        at());
  }
  void operator()(const billing::ToppedUp& fact) {
    world_.subscription(fact.subscription, fact, at());
  }
  void operator()(const billing::DoctorRegistered& fact) { world_.doctor(fact.doctor, fact); }
  void operator()(const billing::Created& fact) {
    world_.add(billing::created(fact, record_.seq, at()));
    world_.subscription(fact.hold.subscription, fact, at());
    world_.doctor(fact.doctor, fact);
  }
  void operator()(const billing::DeadlineSet& fact) { own(fact); }
  void operator()(const billing::Activated& fact) { own(fact); }
  void operator()(const billing::Charged& fact) {
    own(fact);
    world_.subscription(fact.taken.subscription, fact, at());
    if (fact.hold.subscription != fact.taken.subscription) {
      world_.subscription(fact.hold.subscription, fact, at());
    }
    pay(fact);
  }
  void operator()(const billing::Forgiven& fact) {
    own(fact);
    world_.stated(fact.session);
  }
  void operator()(const billing::Ended& fact) {
    own(fact);
    world_.subscription(fact.hold.subscription, fact, at());
    if (fact.units > 0) pay(fact);
  }
  void operator()(const billing::PolicyRecorded& fact) { world_.add(fact.version, fact.policy); }
  void operator()(const billing::OutageBegan& fact) { world_.outages().begin(fact.since); }
  void operator()(const billing::OutageJudged& fact) { world_.outages().judge(fact.verdict); }
  void operator()(const billing::Ready&) { world_.outages().end(at()); }
  void operator()(const billing::BatchAnswered&) {}
  void operator()(const billing::ClockAdvanced&) {}
  void operator()(const billing::HistoryGivenUp&) {}
  void operator()(const billing::ClockAccepted&) { world_.clock_offset({}); }
  void operator()(const billing::ClockResumed& fact) {
    const billing::ClockOffset offset{at(), fact.offset_ms};
    world_.clock_offset(fact.offset_ms > 0 ? std::optional(offset) : std::nullopt);
  }
  void operator()(const billing::WithdrawalRequested& fact) {
    world_.add(billing::requested(fact, at()));
    world_.doctor(fact.doctor, fact);
    world_.earned(fact.doctor);
  }
  void operator()(const billing::WithdrawalMoved& fact) {
    world_.withdrawal(fact.withdrawal, fact, at());
    world_.doctor(fact.doctor, fact);
    if (fact.status == billing::WithdrawalStatus::rejected) world_.earned(fact.doctor);
  }
  void operator()(const billing::Refunded& fact) {
    own(fact);
    world_.subscription(fact.payer.subscription, fact, at());
    pay(fact);
  }

 private:
  billing::Instant at() const { return record_.at; }

  template <class Fact>
  void own(const Fact& fact) {
    world_.session(fact.session, fact, at());
  }
  template <class Fact>
  void pay(const Fact& fact) {
    world_.doctor(fact.doctor, fact);
    world_.stated(fact.session);
    world_.earned(fact.doctor);
  }

  World& world_;
  const billing::Record& record_;
};

template <class World>
void fold(World& world, const billing::Record& record) {
  std::visit(Fold<World>(world, record), record.fact);
  if (record.cause && world.keeps(record)) world.add(kept_answer(world, record));
}

}  // namespace toll::persistence
