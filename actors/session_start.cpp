#include "actors/directory.hpp"
#include "actors/session.hpp"
#include "billing/assert.hpp"

namespace toll::actors {

using namespace billing;

namespace {

const StartSession& command_of(const SessionState& state) {
  return std::get<StartSession>(state.operation->ask->command());
}

Claim claim_of(const SessionState& state) {
  const StartSession& command = command_of(state);
  return {state.id, command.patient, command.doctor, command.channel != Channel::text, state.self};
}

void walk_for_first_unit(SessionState& state) {
  const StartSession& command = command_of(state);
  const Policy& policy = state.context->policies->current();
  StartQuestion question;
  question.session = state.id;
  question.channel = command.channel;
  question.patient = command.patient;
  question.doctor = command.doctor;
  question.currency = state.operation->claim.currency;
  question.external_ref = command.external_ref;
  question.policy_version = state.context->policies->current_version();
  question.grandfather = policy.expiry == ExpiryPolicy::grandfather;

  Walk walk;
  walk.patient = command.patient;
  walk.question = std::move(question);
  walk.probe = state.operation->refused_by_claim();
  walk.cause = state.operation->cause(0);
  send_walk(state, std::move(walk));
}

/// Whoever stands in the way may have ended by now without anybody having noticed: they are woken
/// once, and the start is tried once more.
void refuse(SessionState& state, Refusal refusal) {
  Operation& operation = *state.operation;
  if (operation.refused_by_claim() && !operation.tried_again) {
    operation.tried_again = true;
    state.context->directory->wake_parties(claim_of(state), operation.at);
    return;
  }
  if (!operation.refused_by_claim()) state.context->directory->unclaim(state.id);
  finish(state, refusal);
}

}  // namespace

void begin_start(SessionState& state) { state.context->directory->claim(claim_of(state)); }

void claim_decided(SessionState& state, const ClaimDecided& claim) {
  state.operation->claim = claim;
  state.operation->gains.clear();
  if (!state.context->policies->current().has_rates(claim.currency)) {
    state.operation->tried_again = true;  // waking others cannot help
    return refuse(state, Refusal::currency_without_rates);
  }
  walk_for_first_unit(state);
}

void parties_woken(SessionState& state) { begin_start(state); }

void start_walk_ended(SessionState& state, const Walk& walk) {
  if (walk.given) {
    heard(state, *walk.given);
    SessionAnswer answer;
    answer.session = *state.session;
    answer.at = state.operation->at;
    answer.created = true;
    return finish(state, std::move(answer));
  }
  if (walk.could_give) {
    return refuse(
        state, state.operation->claim.patient_busy ? Refusal::patient_busy : Refusal::doctor_busy);
  }
  if (!nobody_can_give(*state.operation, walk)) return walk_for_first_unit(state);
  refuse(state, Refusal::no_units);
}

}  // namespace toll::actors
