#include "actors/session.hpp"

#include "actors/directory.hpp"
#include "actors/loading.hpp"
#include "billing/assert.hpp"

namespace toll::actors {

using namespace billing;

namespace {

void begin_operation(SessionState& state, AskPtr ask) {
  auto operation = std::make_unique<Operation>();
  operation->at = ask->at();
  operation->ask = std::move(ask);
  state.operation = std::move(operation);
  if (!state.session) return begin_start(state);

  Operation& under_way = *state.operation;
  under_way.at = std::max(under_way.at, state.session->last_at);
  under_way.was_live = state.session->live();
  under_way.was_active = state.session->status == Status::active;
  under_way.ask->set_intervals_due(
      completed_intervals(*state.session, state.policy(), under_way.at));
  settle(state);
}

/// From the moment the directory hears of it, the actor may be asked to enter as another session.
void leave(SessionState& state) {
  const bool live = state.session && state.session->live();
  state.context->directory->left(state, state.session ? packed(state) : std::string(),
                                 live ? never : state.last_seq);
}

/// Every handler ends here. Works until an operation has to wait for somebody, or nothing is left
/// to do.
void run_queue(SessionState& state) {
  while (state.loaded && !state.operation && !state.queue.empty()) {
    const AskPtr ask = std::move(state.queue.front());
    state.queue.pop_front();
    if (!answered_at_once(state, ask)) begin_operation(state, ask);
  }
  if (state.loaded && !state.operation) leave(state);
}

void take(SessionState& state, const AskPtr& ask) {
  ++state.handled;
  const auto* wake = std::get_if<WakeSession>(&command_of(ask));
  // Whatever is under way arms the next one when it ends (rule 10).
  if (wake && wake->timer == state.armed_for) state.armed_for.reset();
  // Of wakes there are no more than timers and starts under way, and who sent one counts on it.
  if (!wake && state.queue.size() >= state.context->limits.session_queue) {
    return ask->answer(Unavailable{}, *state.context->journal);
  }
  state.queue.push_back(ask);
  run_queue(state);
}

void enter(SessionState& state, const Enter& enter) {
  const Context* const context = state.context;
  state = SessionState(state.self);
  static_cast<Presence&>(state) = Presence(enter);
  state.context = context;
  state.loaded = enter.is_new || !enter.left_with.empty();
  if (!enter.left_with.empty()) unpack(enter.left_with, state);
  if (!state.loaded) load_row(*context, state.id, SessionActor(state.self));
}

/// What the operation under way has waited for is here.
template <class Message>
void resume(SessionState& state, const Message& message) {
  TOLL_ASSERT(state.operation);
  go_on(state, message);
  run_queue(state);
}

}  // namespace

void finish(SessionState& state, Answer answer) {
  arm(state);
  state.operation->ask->answer(std::move(answer), *state.context->journal);
  state.operation.reset();
}

void set_out(const SessionState& state, SessionWalk& walk) {
  walk.at = state.operation->at;
  walk.ask = state.operation->ask;
  walk.session = state.self;
}

bool nobody_can_give(Operation& operation, const Route& walk) {
  if (walk.list->empty() || operation.gains == walk.gains) return true;
  operation.gains = walk.gains;
  return false;
}

SessionActor::behavior_type session_actor(SessionActor::stateful_pointer<SessionState> self,
                                          const Context* context) {
  self->state.context = context;
  return {
      [self](const Enter& message) { enter(self->state, message); },
      [self](const Serve& serve) { take(self->state, serve.ask); },
      [self](const Loaded& loaded) {
        SessionState& state = self->state;
        state.loaded = true;
        if (const auto* row = std::get_if<Session>(&loaded.row)) state.session = *row;
        run_queue(state);
      },
      [self](const ClaimDecided& message) { resume(self->state, message); },
      [self](const StartWalkPtr& walk) { resume(self->state, *walk); },
      [self](const ChargeWalkPtr& walk) { resume(self->state, *walk); },
      [self](const RefundDone& message) { resume(self->state, message); },
      [self](const PartiesWoken& message) { resume(self->state, message); },
  };
}

}  // namespace toll::actors
