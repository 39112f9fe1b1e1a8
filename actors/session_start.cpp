#include "actors/directory.hpp"
#include "actors/session.hpp"

namespace toll::actors {

using namespace billing;

namespace {

const StartSession& start_of(const SessionState& state) {
  return std::get<StartSession>(command_of(state.operation->ask));
}

Claim claim_of(const SessionState& state) {
  const StartSession& command = start_of(state);
  return {state.id, command.patient, command.doctor, command.channel != Channel::text, state.self};
}

void walk_for_first_unit(SessionState& state) {
  const StartSession& command = start_of(state);
  const Policy& policy = state.context->policies->current();
  const auto walk = std::make_shared<StartWalk>();
  set_out(state, *walk);
  walk->patient = command.patient;
  walk->probe = state.operation->refused_by_claim();
  StartQuestion& question = walk->question;
  question.session = state.id;
  question.channel = command.channel;
  question.patient = command.patient;
  question.doctor = command.doctor;
  question.currency = state.operation->claim.currency;
  question.external_ref = command.external_ref;
  question.policy_version = state.context->policies->current_version();
  question.grandfather = policy.expiry == ExpiryPolicy::grandfather;
  state.context->directory->walk_on(walk);
}

/// Whoever stands in the way may have ended by now without anybody having noticed: they are woken
/// once before it is tried again.
void try_again(SessionState& state) {
  Operation& operation = *state.operation;
  if (operation.tried_again) return begin_start(state);
  operation.tried_again = true;
  state.context->directory->wake_parties(claim_of(state), operation.at);
}

void refuse(SessionState& state, Refusal refusal) {
  const Operation& operation = *state.operation;
  if (operation.refused_by_claim() && !operation.tried_again) return try_again(state);
  if (!operation.refused_by_claim()) state.context->directory->unclaim(state.id);
  finish(state, refusal);
}

}  // namespace

void begin_start(SessionState& state) { state.context->directory->claim(claim_of(state)); }

void go_on(SessionState& state, const ClaimDecided& claim) {
  Operation& operation = *state.operation;
  const ClaimDecided before = std::exchange(operation.claim, claim);
  operation.gains.clear();
  if (!state.context->policies->current().has_rates(claim.currency)) {
    operation.tried_again = true;  // waking others cannot help
    return refuse(state, Refusal::currency_without_rates);
  }
  // A unit and somebody in the way at one instant: who is in the way after the unit was seen, and
  // was before, was so all the time.
  if (std::exchange(operation.unit_seen, false) && operation.refused_by_claim() &&
      before.patient_live == claim.patient_live && before.doctor_live == claim.doctor_live) {
    return finish(state, claim.patient_live.empty() ? Refusal::doctor_busy : Refusal::patient_busy);
  }
  walk_for_first_unit(state);
}

void go_on(SessionState& state, const PartiesWoken&) { begin_start(state); }

void go_on(SessionState& state, const StartWalk& walk) {
  if (walk.given) {
    heard(state, *walk.given);
    SessionAnswer answer;
    answer.session = *state.session;
    answer.at = state.operation->at;
    answer.created = true;
    return finish(state, std::move(answer));
  }
  if (walk.could_give) {
    // Before those in the way were woken, it may be one that they have used up by now.
    state.operation->unit_seen = state.operation->tried_again;
    return try_again(state);
  }
  if (!nobody_can_give(*state.operation, walk)) return walk_for_first_unit(state);
  refuse(state, Refusal::no_units);
}

}  // namespace toll::actors
