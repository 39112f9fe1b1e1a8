#include <algorithm>

#include "actors/directory.hpp"
#include "actors/session.hpp"
#include "billing/apply.hpp"

namespace toll::actors {

using namespace billing;

namespace {

template <class Fact>
void append_and_apply(SessionState& state, const Fact& fact) {
  const Operation& operation = *state.operation;
  state.last_seq = operation.ask->record(*state.context->journal, operation.at, fact);
  apply(*state.session, fact, operation.at);
}

}  // namespace

void record(SessionState& state, const DeadlineSet& fact) { append_and_apply(state, fact); }

void record(SessionState& state, const Activated& fact) { append_and_apply(state, fact); }

void record(SessionState& state, const Forgiven& fact) {
  append_and_apply(state, fact);
  state.context->counters->intervals_forgiven += fact.intervals;
}

void record(SessionState& state, const Ended& fact) {
  append_and_apply(state, fact);
  state.context->counters->units_deducted += fact.units;
  state.context->counters->live_sessions -= 1;
  state.context->counters->sessions_ended += 1;
  // Rule 12: the payer and the directory hear of it before the answer goes out.
  const Session& session = *state.session;
  state.context->directory->tell(
      {fact.hold.subscription, {state.last_seq, state.operation->at, fact}});
  state.context->directory->free(session);
}

void heard(SessionState& state, const Record& record) {
  state.last_seq = record.seq;
  // The subscription's clock may be ahead of the session's: time never goes back for either.
  state.operation->at = std::max(state.operation->at, record.at);
  if (const auto* fact = std::get_if<Created>(&record.fact)) {
    state.session = created(*fact, record.seq, record.at);
    state.context->counters->live_sessions += 1;
    const auto& person = state.operation->ask->only_for();
    state.context->directory->settle(*state.session, person && person->party == Party::patient);
    return;
  }
  if (const auto* fact = std::get_if<Refunded>(&record.fact)) {
    apply(*state.session, *fact, record.at);
    state.context->directory->tell({fact->payer.subscription, record});
    return;
  }
  const auto& fact = std::get<Charged>(record.fact);
  apply(*state.session, fact, record.at);
  state.context->counters->units_deducted += fact.units;
  if (fact.taken.subscription != fact.hold.subscription) {
    state.context->directory->tell({fact.taken.subscription, record});
  }
}

void arm(SessionState& state) {
  if (!state.session) return;
  const auto due = next_wake(*state.session, state.policy());
  if (due == state.armed_for) return;
  // Woken earlier it finds nothing due and arms then: a boundary that somebody else has asked for
  // costs no message.
  if (due && state.armed_for && *state.armed_for < *due) return;
  state.self->send(state.context->timer,
                   Arm{state.id, due, state.armed_for, state.session->status == Status::active});
  state.armed_for = due;
}

}  // namespace toll::actors
