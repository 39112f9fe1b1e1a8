#include "actors/doctor.hpp"

#include "actors/loading.hpp"
#include "billing/assert.hpp"

namespace toll::actors {

namespace {

void begin(DoctorState& state) { load_wallet(*state.context, state.id, DoctorActor(state.self)); }

void finish(DoctorState& state, const Loaded& loaded) {
  const AskPtr ask = std::move(state.queue.front());
  state.queue.pop_front();
  TOLL_ASSERT(std::holds_alternative<GetWallet>(ask->command()));
  if (const auto* doctor = std::get_if<billing::Doctor>(&loaded.row)) {
    ask->answer(DoctorAnswer{*doctor, false}, *state.context->journal);
  } else {
    ask->answer(billing::Refusal::doctor_not_found, *state.context->journal);
  }
}

}  // namespace

DoctorActor::behavior_type doctor_actor(DoctorActor::stateful_pointer<DoctorState> self,
                                        const Context* context, std::string id) {
  self->state.context = context;
  self->state.id = std::move(id);
  return {
      [self](const Serve& serve) {
        DoctorState& state = self->state;
        ++state.received;
        state.queue.push_back(serve.ask);
        if (state.queue.size() == 1) begin(state);
      },
      [self](const Loaded& loaded) {
        DoctorState& state = self->state;
        finish(state, loaded);
        if (!state.queue.empty()) return begin(state);
        self->send(state.context->directory, Idle{Kind::doctor, state.id, state.received, 0});
      },
      [self](const Leave&) { self->quit(); },
  };
}

}  // namespace toll::actors
