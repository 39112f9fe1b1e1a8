#include <algorithm>

#include "actors/batch.hpp"
#include "actors/directory.hpp"
#include "actors/doctor.hpp"
#include "actors/loading.hpp"
#include "actors/session.hpp"
#include "actors/subscription.hpp"
#include "billing/assert.hpp"

namespace toll::actors {

/// CAF makes the thread that spawns remember the system, which then waits for that thread to end.
template <class Function>
auto Directory::spawn(Function function) {
  const bool worker = caf::logger::current_logger() != nullptr;
  auto actor = system_.spawn(function, &context_);
  if (!worker) caf::logger::set_current_actor_system(nullptr);
  return actor;
}

template <class SomeResident, class Function>
void Directory::bring_in(SomeResident& resident, Function function, Enter enter) {
  auto& spare = std::get<std::vector<decltype(resident.actor)>>(tables_.spare);
  if (spare.empty()) spare.push_back(spawn(function));
  resident.actor = std::move(spare.back());
  spare.pop_back();
  if constexpr (requires { resident.open; }) {
    if (resident.open) resident.left_with = open_.close(resident);
  }
  enter.left_with = std::exchange(resident.left_with, {});
  enter.place = &resident;
  resident.sent = 0;
  ++context_.counters->actors_in_memory;
  ++context_.counters->actors_entered;
  caf::anon_send(resident.actor, std::move(enter));
}

SessionResident& Directory::session(const std::string& id, bool is_new) {
  SessionResident& resident = tables_.sessions[id];
  if (!resident.actor) bring_in(resident, session_actor, {{}, id, {}, is_new});
  return resident;
}

SubscriptionResident& Directory::subscription(const std::string& id) {
  SubscriptionResident& resident = tables_.subscriptions[id];
  if (!resident.actor) bring_in(resident, subscription_actor, {{}, id, {}});
  return resident;
}

DoctorResident& Directory::doctor(const std::string& id) {
  DoctorResident& resident = tables_.doctor_actors[id];
  if (!resident.actor) bring_in(resident, doctor_actor, {{}, id, {}});
  return resident;
}

/// By whom a command is served.
class Directory::Router {
 public:
  Router(Directory& directory, const AskPtr& ask)
      : directory_(directory), context_(directory.context_), ask_(ask) {}

  void operator()(const SessionCommand& command) {
    std::visit([this](const auto& c) { session(c); }, command);
  }
  void operator()(const SubscriptionCommand& command) {
    std::visit([this](const auto& c) { serve(directory_.subscription(c.id)); }, command);
  }
  void operator()(const DoctorCommand& command) {
    std::visit([this](const auto& c) { doctor(c); }, command);
  }
  void operator()(const ClockCommand&) { caf::anon_send(context_.test_clock, Serve{ask_}); }
  void operator()(const GetBalance& c) {
    directory_.step(std::make_shared<BalanceWalk>(
        BalanceWalk{{c.patient, ask_->at(), nullptr, 0, {}}, ask_, {c.patient, {}, {}}}));
  }
  void operator()(const PutDoctor&) { directory_.put_doctor(ask_); }
  void operator()(const DeductBatch&) { TOLL_ASSERT(!"its items are served, each by itself"); }

 private:
  void session(const auto& c) { serve(directory_.session(c.session, false)); }
  void session(const StartSession& c) { serve(directory_.session(c.id, c.id_is_new)); }
  void session(const DeductUnits& c) {
    const auto place = directory_.tables_.sessions.find(c.session);
    const bool known = place != directory_.tables_.sessions.end();
    if (known && directory_.deduct_at_rest(place->second, ask_, c)) return;
    serve(directory_.session(c.session, false));
  }
  /// A session that has no place here is not live: there is nothing to wake.
  void session(const WakeSession& c) {
    if (directory_.tables_.sessions.contains(c.session)) {
      return serve(directory_.session(c.session, false));
    }
    ask_->answer(billing::Refusal::session_not_active, *context_.journal);
  }

  void doctor(const auto& c) { serve(directory_.doctor(c.doctor)); }
  void doctor(const MoveWithdrawal& c) { find_withdrawal(context_, ask_, c.id); }

  template <class SomeResident>
  void serve(SomeResident& resident) {
    forward(resident, Serve{ask_});
  }

  Directory& directory_;
  const Context& context_;
  const AskPtr& ask_;
};

void Directory::serve(const AskPtr& ask) {
  if (std::holds_alternative<DeductBatch>(ask->command())) return serve_batch(context_, ask);
  const std::scoped_lock lock(mutex_);
  route(ask);
}

void Directory::route(const AskPtr& ask) {
  if (!stopped_) std::visit(Router(*this, ask), ask->command());
}

template <class Walk>
void Directory::walk_on(const std::shared_ptr<Walk>& walk) {
  const std::scoped_lock lock(mutex_);
  if (!stopped_) step(walk);
}
template void Directory::walk_on(const std::shared_ptr<StartWalk>&);
template void Directory::walk_on(const std::shared_ptr<ChargeWalk>&);
template void Directory::walk_on(const std::shared_ptr<BalanceWalk>&);

template <class Walk>
void Directory::step(const std::shared_ptr<Walk>& walk) {
  if (!walk->list) {
    static const auto nothing = std::make_shared<const PatientList>();
    const auto found = tables_.patients.find(walk->patient);
    const bool known = found != tables_.patients.end();
    walk->list = known && found->second.list ? found->second.list : nothing;
    walk->gains.push_back(known ? found->second.gain : 0);
  }
  if (walk->next < walk->list->size()) {
    const std::string& id = (*walk->list)[walk->next++].subscription;
    return forward(subscription(id), walk);
  }
  if constexpr (std::is_same_v<Walk, BalanceWalk>) {
    walk->ask->answer(std::move(walk->found), *context_.journal);
  } else {
    caf::anon_send(walk->session, walk);
  }
}

void Directory::tell(FactHeard heard) {
  const std::scoped_lock lock(mutex_);
  if (stopped_) return;
  SubscriptionResident& concerned = subscription(heard.subscription);
  forward(concerned, std::move(heard));
}

void Directory::refund(RefundAsked asked) {
  const std::scoped_lock lock(mutex_);
  if (stopped_) return;
  DoctorResident& payee = doctor(asked.doctor);
  forward(payee, std::move(asked));
}

void Directory::found_withdrawal(const AskPtr& ask, const std::optional<std::string>& whose) {
  const std::scoped_lock lock(mutex_);
  if (stopped_) return;
  if (whose) return forward(doctor(*whose), Serve{ask});
  ask->answer(billing::Refusal::withdrawal_not_found, *context_.journal);
}

void Directory::list(const Listed& listed) {
  const std::scoped_lock lock(mutex_);
  if (!stopped_) list_people(listed);
}

void Directory::list_people(const Listed& listed) {
  for (const std::string& person : listed.added) {
    Patient& patient = tables_.patients[person];
    PatientList list = patient.list ? *patient.list : PatientList{};
    const auto place = std::lower_bound(list.begin(), list.end(), listed.listing);
    if (place != list.end() && *place == listed.listing) continue;
    list.insert(place, listed.listing);
    patient.list = std::make_shared<const PatientList>(std::move(list));
    ++patient.gain;
  }
  for (const std::string& person : listed.removed) {
    Patient& patient = tables_.patients[person];
    if (!patient.list) continue;
    PatientList list = *patient.list;
    std::erase(list, listed.listing);
    patient.list = list.empty() ? nullptr : std::make_shared<const PatientList>(std::move(list));
  }
}

}  // namespace toll::actors
