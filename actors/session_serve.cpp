#include "actors/directory.hpp"
#include "actors/session.hpp"

namespace toll::actors {

using namespace billing;

namespace {

std::string triggered_by(const SessionState& state) {
  const SessionCommand& command = command_of(state.operation->ask);
  if (const auto* deduct = std::get_if<DeductUnits>(&command)) return deduct->triggered_by;
  if (const auto* end = std::get_if<EndSession>(&command)) return std::string(name(end->by));
  if (std::holds_alternative<WakeSession>(command)) {
    return state.context->outages->under_way() ? "recovery" : "timer";
  }
  return "request";
}

/// What decides about the boundaries that are due.
Outages outages_for(const SessionState& state) {
  const Session& session = *state.session;
  const Instant now = state.operation->at;
  const std::int64_t due = units_due(session, state.policy(), now);
  if (due == 0) return {};
  const Instant last = boundary(session, state.policy(), session.intervals_processed + due);
  return state.context->outages->current(last, now);
}

SessionAnswer answer_of(const SessionState& state) {
  SessionAnswer answer;
  answer.session = *state.session;
  answer.at = state.operation->at;
  const Cause& counters = state.operation->ask->counters();
  answer.deducted = counters.deducted;
  answer.intervals_due = counters.intervals_due;
  answer.refunded = counters.refunded;
  return answer;
}

/// Carries out a command on a session to which everything due has been applied.
class Carry {
 public:
  explicit Carry(SessionState& state) : state_(state), operation_(*state.operation) {}

  void operator()(const SendMessage& command) {
    if (!state_.session->live()) return finish(state_, Refusal::session_over);
    if (command.from == Party::doctor) {
      if (auto fact = activate(state_.moment())) record(state_, *fact);
    } else if (auto fact = patient_message(state_.moment())) {
      record(state_, *fact);
    }
    finish(state_, answer_of(state_));
  }

  void operator()(const ActivateSession&) {
    if (!state_.session->live()) return finish(state_, Refusal::session_over);
    if (auto fact = activate(state_.moment())) record(state_, *fact);
    finish(state_, answer_of(state_));
  }

  void operator()(const DeductUnits&) {
    // A session that ran out of units in this very request still answers what it took.
    if (!operation_.was_active) return finish(state_, Refusal::session_not_active);
    finish(state_, answer_of(state_));
  }

  void operator()(const EndSession& command) {
    const bool hung_up = state_.session->live();
    if (hung_up) {
      record(state_, hang_up(state_.moment(), command.by, command.reason, triggered_by(state_)));
    }
    SessionAnswer answer = answer_of(state_);
    answer.manual_unit = hung_up && state_.session->manual_applied;
    answer.already_ended = !operation_.was_live;
    finish(state_, std::move(answer));
  }

  void operator()(const RefundUnits& command) {
    auto decision = refund(state_.moment(), command.units, command.reason);
    if (const auto* refusal = std::get_if<Refusal>(&decision)) return finish(state_, *refusal);
    RefundAsked asked{state_.session->doctor, operation_.at,
                      std::get<std::vector<Refunded>>(std::move(decision)), operation_.ask,
                      state_.self};
    state_.context->directory->refund(std::move(asked));
  }

  /// The same start again: the session as it is now.
  void operator()(const StartSession&) { finish(state_, answer_of(state_)); }

  void operator()(const WakeSession&) { finish(state_, answer_of(state_)); }
  void operator()(const GetSession&) { finish(state_, answer_of(state_)); }

 private:
  SessionState& state_;
  Operation& operation_;
};

}  // namespace

void settle(SessionState& state) {
  if (auto fact = pass_deadline(state.moment())) record(state, *fact);
  const Outages outages = outages_for(state);
  const std::int64_t due = chargeable(state.moment(), outages);
  if (due > 0) {
    const auto walk = std::make_shared<ChargeWalk>();
    set_out(state, *walk);
    walk->patient = state.session->patient;
    walk->question = charge_question(state.moment(), due, triggered_by(state));
    walk->due = due;
    return state.context->directory->walk_on(walk);
  }
  if (auto fact = forgive(state.moment(), outages, triggered_by(state))) {
    record(state, *fact);
  }
  std::visit(Carry(state), command_of(state.operation->ask));
}

void go_on(SessionState& state, const ChargeWalk& walk) {
  if (walk.given) {
    heard(state, *walk.given);
    state.operation->gains.clear();
  } else if (nobody_can_give(*state.operation, walk)) {
    record(state, exhaust(state.moment(), triggered_by(state)));
  }
  settle(state);
}

void go_on(SessionState& state, const RefundDone& done) {
  for (const Record& record : done.records) heard(state, record);
  finish(state, answer_of(state));
}

bool answered_at_once(SessionState& state, const AskPtr& ask) {
  persistence::Journal& journal = *state.context->journal;
  const SessionCommand& command = command_of(ask);
  const auto* start = std::get_if<StartSession>(&command);
  const auto& only_for = ask->only_for();
  if (only_for && (state.session ? !concerns(*state.session, *only_for) : !start)) {
    ask->answer(Refusal::forbidden, journal);
    return true;
  }
  if (!state.session) {
    auto refused = start ? state.context->directory->refused_start(*ask, *start)
                         : std::optional<Answer>(Refusal::session_not_found);
    if (!refused) return false;
    ask->answer(std::move(*refused), journal);
    return true;
  }
  const Session& session = *state.session;
  const auto seen = [&] {
    SessionAnswer answer;
    answer.session = session;
    answer.at = std::max(ask->at(), session.last_at);
    return answer;
  };
  if (start &&
      !same_start(session, start->channel, start->patient, start->doctor, start->external_ref)) {
    ask->answer(Refusal::session_exists, journal);
    return true;
  }
  if (std::holds_alternative<GetSession>(command) || (start && !session.live())) {
    ask->answer(seen(), journal);
    return true;
  }
  if (std::holds_alternative<SendMessage>(command) && session.channel != Channel::text) {
    ask->answer(Refusal::not_a_text_session, journal);
    return true;
  }
  return false;
}

}  // namespace toll::actors
