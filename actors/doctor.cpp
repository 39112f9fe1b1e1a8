#include "actors/doctor.hpp"

#include "actors/directory.hpp"
#include "actors/loading.hpp"
#include "billing/apply.hpp"
#include "billing/assert.hpp"

namespace toll::actors {

using namespace billing;

namespace {

/// Carries out a command on the wallet as it is now: nothing else may lower it meanwhile.
class CarryForDoctor {
 public:
  CarryForDoctor(DoctorState& state, const AskPtr& ask, const Loaded& loaded)
      : state_(state), ask_(ask), loaded_(loaded) {}

  Answer operator()(const GetWallet&) { return DoctorAnswer{doctor(), false}; }

  Answer operator()(const RequestWithdrawal& command) {
    const auto decision = request_withdrawal(doctor(), command.id, command.amount);
    if (const auto* refusal = std::get_if<Refusal>(&decision)) return *refusal;
    const auto& fact = std::get<WithdrawalRequested>(decision);
    append(fact);
    return WithdrawalAnswer{requested(fact, ask_->at())};
  }

  Answer operator()(const MoveWithdrawal& command) {
    TOLL_ASSERT(loaded_.withdrawal);  // it was found before, and withdrawals stay
    const auto decision = move_withdrawal(doctor(), *loaded_.withdrawal, command.to);
    if (const auto* refusal = std::get_if<Refusal>(&decision)) return *refusal;
    const auto& fact = std::get<WithdrawalMoved>(decision);
    append(fact);
    WithdrawalAnswer answer{*loaded_.withdrawal};
    apply(answer.withdrawal, fact, ask_->at());
    return answer;
  }

 private:
  const Doctor& doctor() const { return std::get<Doctor>(loaded_.row); }
  void append(const Fact& fact) { ask_->record(*state_.context->journal, ask_->at(), fact); }

  DoctorState& state_;
  const AskPtr& ask_;
  const Loaded& loaded_;
};

/// The records of one refund are one change: the disk gets all of them or none.
void write_refund(DoctorState& state, const RefundAsked& asked) {
  const std::vector<Fact> facts(asked.facts.begin(), asked.facts.end());
  Seq seq = asked.ask->record_all(*state.context->journal, asked.at, facts);
  RefundDone done;
  for (const Fact& fact : facts) done.records.push_back({seq++, asked.at, fact});
  state.self->send(asked.session, std::move(done));
}

/// Refunds need no wallet; an operation that does waits for it, and the rest waits behind it.
void run_queue(DoctorState& state) {
  while (!state.reading && !state.queue.empty()) {
    if (const auto* asked = std::get_if<RefundAsked>(&state.queue.front())) {
      write_refund(state, *asked);
      state.queue.pop_front();
      continue;
    }
    const AskPtr& ask = std::get<AskPtr>(state.queue.front());
    const auto* move = std::get_if<MoveWithdrawal>(&std::get<DoctorCommand>(ask->command()));
    load_wallet(*state.context, state.id, move ? move->id : "", DoctorActor(state.self));
    state.reading = true;
  }
  // Whatever it writes, the next operation reads the wallet after it.
  if (state.queue.empty()) state.context->directory->left(state, {});
}

void finish(DoctorState& state, const Loaded& loaded) {
  const AskPtr ask = std::get<AskPtr>(std::move(state.queue.front()));
  state.queue.pop_front();
  state.reading = false;
  Answer answer =
      std::holds_alternative<Doctor>(loaded.row)
          ? std::visit(CarryForDoctor(state, ask, loaded), std::get<DoctorCommand>(ask->command()))
          : Answer(Refusal::doctor_not_found);
  ask->answer(std::move(answer), *state.context->journal);
}

template <class Message>
void take(DoctorState& state, Message message) {
  ++state.handled;
  state.queue.emplace_back(std::move(message));
  run_queue(state);
}

}  // namespace

DoctorActor::behavior_type doctor_actor(DoctorActor::stateful_pointer<DoctorState> self,
                                        const Context* context) {
  self->state.context = context;
  return {
      [self](const Enter& enter) { static_cast<Presence&>(self->state) = Presence(enter); },
      [self](const Serve& serve) { take(self->state, serve.ask); },
      [self](const RefundAsked& asked) { take(self->state, asked); },
      [self](const Loaded& loaded) {
        finish(self->state, loaded);
        run_queue(self->state);
      },
  };
}

}  // namespace toll::actors
