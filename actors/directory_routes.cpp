#include <algorithm>

#include "actors/batch.hpp"
#include "actors/directory.hpp"
#include "actors/doctor.hpp"
#include "actors/loading.hpp"
#include "actors/session.hpp"
#include "actors/subscription.hpp"

namespace toll::actors {

namespace {

template <class Actor, class Message>
void forward(DirectoryState& state, Resident<Actor>& resident, Message message) {
  ++resident.sent;
  state.self->send(resident.actor, std::move(message));
}

caf::actor_system& system(DirectoryState& state) { return state.self->home_system(); }

Resident<SessionActor>& session(DirectoryState& state, const std::string& id, bool is_new) {
  const auto [found, absent] = state.sessions.try_emplace(id);
  if (absent) {
    found->second.actor =
        system(state).spawn(session_actor, state.context, id, std::nullopt, is_new);
  }
  return found->second;
}

Resident<SubscriptionActor>& subscription(DirectoryState& state, const std::string& id) {
  const auto [found, absent] = state.subscriptions.try_emplace(id);
  if (absent) {
    found->second.actor = system(state).spawn(subscription_actor, state.context, id, std::nullopt);
  }
  return found->second;
}

Resident<DoctorActor>& doctor(DirectoryState& state, const std::string& id) {
  const auto [found, absent] = state.doctor_actors.try_emplace(id);
  if (absent) found->second.actor = system(state).spawn(doctor_actor, state.context, id);
  return found->second;
}

void get_balance(DirectoryState& state, const AskPtr& ask, const GetBalance& command) {
  auto walk = std::make_shared<Walk>();
  walk->patient = command.patient;
  walk->at = ask->at();
  walk->question = BalanceAnswer{command.patient, {}, {}};
  walk->balance_ask = ask;
  walk_on(state, walk);
}

/// By whom a command is served.
class Router {
 public:
  Router(DirectoryState& state, const AskPtr& ask) : state_(state), ask_(ask) {}

  void operator()(const StartSession& c) { serve(session(state_, c.id, c.id_is_new)); }
  void operator()(const SendMessage& c) { serve(session(state_, c.session, false)); }
  void operator()(const ActivateSession& c) { serve(session(state_, c.session, false)); }
  void operator()(const DeductUnits& c) { serve(session(state_, c.session, false)); }
  void operator()(const EndSession& c) { serve(session(state_, c.session, false)); }
  void operator()(const GetSession& c) { serve(session(state_, c.session, false)); }
  void operator()(const PutSubscription& c) { serve(subscription(state_, c.id)); }
  void operator()(const PatchSubscription& c) { serve(subscription(state_, c.id)); }
  void operator()(const TopUpSubscription& c) { serve(subscription(state_, c.id)); }
  void operator()(const GetSubscription& c) { serve(subscription(state_, c.id)); }
  void operator()(const GetBalance& c) { get_balance(state_, ask_, c); }
  void operator()(const PutDoctor&) { put_doctor(state_, ask_); }
  void operator()(const GetWallet& c) { serve(doctor(state_, c.doctor)); }
  void operator()(const RefundUnits& c) { serve(session(state_, c.session, false)); }
  void operator()(const RequestWithdrawal& c) { serve(doctor(state_, c.doctor)); }
  void operator()(const MoveWithdrawal&) { find_withdrawal(*state_.context, ask_); }
  void operator()(const DeductBatch&) { serve_batch(*state_.context, ask_); }
  void operator()(const GetClock&) { state_.self->send(state_.context->timer, Serve{ask_}); }
  void operator()(const AdvanceClock&) { state_.self->send(state_.context->timer, Serve{ask_}); }

  /// A session that is not in memory is not live: there is nothing to wake.
  void operator()(const WakeSession& c) {
    const auto found = state_.sessions.find(c.session);
    if (found != state_.sessions.end()) return serve(found->second);
    ask_->answer(billing::Refusal::session_not_active, *state_.context->journal);
  }

 private:
  template <class Actor>
  void serve(Resident<Actor>& resident) {
    forward(state_, resident, Serve{ask_});
  }

  DirectoryState& state_;
  const AskPtr& ask_;
};

}  // namespace

void route(DirectoryState& state, const AskPtr& ask) {
  std::visit(Router(state, ask), ask->command());
}

void walk_on(DirectoryState& state, const WalkPtr& walk) {
  if (!walk->list) {
    static const auto nothing = std::make_shared<const PatientList>();
    const auto found = state.patients.find(walk->patient);
    const bool listed = found != state.patients.end() && found->second.list;
    walk->list = listed ? found->second.list : nothing;
    walk->gains.push_back(found != state.patients.end() ? found->second.gain : 0);
  }
  if (walk->next < walk->list->size()) {
    const std::string& id = (*walk->list)[walk->next++].subscription;
    return forward(state, subscription(state, id), WalkOn{walk});
  }
  if (walk->balance_ask) {
    return walk->balance_ask->answer(std::get<BalanceAnswer>(std::move(walk->question)),
                                     *state.context->journal);
  }
  state.self->send(walk->session, WalkEnded{walk});
}

void route_fact(DirectoryState& state, const FactHeard& heard) {
  forward(state, subscription(state, heard.subscription), heard);
}

void route_refund(DirectoryState& state, const RefundAsked& asked) {
  forward(state, doctor(state, asked.doctor), asked);
}

void route_withdrawal(DirectoryState& state, const WithdrawalFound& found) {
  if (found.doctor) return forward(state, doctor(state, *found.doctor), Serve{found.ask});
  found.ask->answer(billing::Refusal::withdrawal_not_found, *state.context->journal);
}

void list_people(DirectoryTables& tables, const Listed& listed) {
  for (const std::string& person : listed.added) {
    Patient& patient = tables.patients[person];
    PatientList list = patient.list ? *patient.list : PatientList{};
    const auto place = std::lower_bound(list.begin(), list.end(), listed.listing);
    if (place != list.end() && *place == listed.listing) continue;
    list.insert(place, listed.listing);
    patient.list = std::make_shared<const PatientList>(std::move(list));
    ++patient.gain;
  }
  for (const std::string& person : listed.removed) {
    Patient& patient = tables.patients[person];
    if (!patient.list) continue;
    PatientList list = *patient.list;
    std::erase(list, listed.listing);
    patient.list = list.empty() ? nullptr : std::make_shared<const PatientList>(std::move(list));
  }
}

}  // namespace toll::actors
