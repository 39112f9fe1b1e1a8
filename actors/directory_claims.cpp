#include "actors/directory.hpp"
#include "billing/assert.hpp"

namespace toll::actors {

using namespace billing;

namespace {

bool unsettled(const DirectoryState& state, const std::string& session) {
  return !session.empty() && state.claims.contains(session);
}

/// Whoever waited for a claim is tried again, in the order in which they came.
void try_again(DirectoryState& state, UnsettledClaim settled) {
  for (auto& waiting : settled.waiting) {
    if (const auto* claim = std::get_if<Claim>(&waiting)) {
      decide_claim(state, *claim);
    } else {
      put_doctor(state, std::get<Serve>(waiting).ask);
    }
  }
}

void forget_if_empty(DirectoryState& state, const std::string& patient, const std::string& doctor) {
  if (const auto found = state.patients.find(patient);
      found != state.patients.end() && found->second.forgettable()) {
    state.patients.erase(found);
  }
  if (const auto found = state.doctors.find(doctor);
      found != state.doctors.end() && !found->second.known && found->second.live.empty()) {
    state.doctors.erase(found);
  }
}

/// Tells a start, once, that every session it met has done what was due.
class PartiesAsker final : public Asker {
 public:
  explicit PartiesAsker(SessionActor who) : who_(std::move(who)) {}
  ~PartiesAsker() override { caf::anon_send(who_, PartiesWoken{}); }
  void answered(Answer&&) noexcept override {}

 private:
  SessionActor who_;
};

}  // namespace

void decide_claim(DirectoryState& state, const Claim& claim) {
  Patient& patient = state.patients[claim.patient];
  DoctorEntry& doctor = state.doctors[claim.doctor];
  std::string& patient_live = patient.live(claim.call);
  for (const std::string* met : {&patient_live, &doctor.live}) {
    if (unsettled(state, *met)) {
      state.claims[*met].waiting.emplace_back(claim);
      return;
    }
  }
  const ClaimDecided decided{!patient_live.empty(), !doctor.live.empty(), doctor.currency};
  if (!decided.patient_busy && !decided.doctor_busy) {
    patient_live = claim.session;
    doctor.live = claim.session;
    state.claims[claim.session].claim = claim;
  } else {
    forget_if_empty(state, claim.patient, claim.doctor);
  }
  state.self->send(claim.who, decided);
}

void settle_claim(DirectoryState& state, const std::string& session) {
  auto settled = state.claims.extract(session);
  TOLL_ASSERT(!settled.empty());
  DoctorEntry& doctor = state.doctors[settled.mapped().claim.doctor];
  doctor.known = true;
  doctor.named = true;
  try_again(state, std::move(settled.mapped()));
}

void drop_claim(DirectoryState& state, const std::string& session) {
  auto dropped = state.claims.extract(session);
  TOLL_ASSERT(!dropped.empty());
  const Claim& claim = dropped.mapped().claim;
  state.patients[claim.patient].live(claim.call).clear();
  state.doctors[claim.doctor].live.clear();
  forget_if_empty(state, claim.patient, claim.doctor);
  try_again(state, std::move(dropped.mapped()));
}

void wake_parties(DirectoryState& state, const WakeParties& message) {
  const Claim& claim = message.claim;
  const auto asker = std::make_shared<PartiesAsker>(claim.who);
  for (const std::string& live :
       {state.patients[claim.patient].live(claim.call), state.doctors[claim.doctor].live}) {
    if (live.empty()) continue;
    route(state, std::make_shared<Ask>(WakeSession{live, std::nullopt}, message.at, asker,
                                       state.context->counters->asks_under_way));
  }
  forget_if_empty(state, claim.patient, claim.doctor);
}

void free_parties(DirectoryState& state, const Freed& freed) {
  std::string& patient_live = state.patients[freed.patient].live(freed.call);
  std::string& doctor_live = state.doctors[freed.doctor].live;
  TOLL_ASSERT(patient_live == freed.session && doctor_live == freed.session);
  patient_live.clear();
  doctor_live.clear();
  forget_if_empty(state, freed.patient, freed.doctor);
}

void put_doctor(DirectoryState& state, const AskPtr& ask) {
  const auto& command = std::get<PutDoctor>(ask->command());
  DoctorEntry& entry = state.doctors[command.id];
  if (unsettled(state, entry.live)) {
    // Whether a session names the doctor is being decided right now.
    state.claims[entry.live].waiting.emplace_back(Serve{ask});
    return;
  }
  persistence::Journal& journal = *state.context->journal;
  Doctor doctor;
  doctor.id = command.id;
  doctor.version = entry.version;
  doctor.currency = entry.currency;
  doctor.named = entry.named;
  const auto decision = register_doctor(command.id, entry.known ? &doctor : nullptr,
                                        command.currency, state.context->policies->current());
  if (const auto* refusal = std::get_if<Refusal>(&decision)) {
    forget_if_empty(state, {}, command.id);
    return ask->answer(*refusal, journal);
  }
  const bool created = !entry.known;
  if (const auto* fact = std::get_if<DoctorRegistered>(&decision)) {
    journal.append(ask->at(), *fact);
    entry.version = fact->version;
    entry.currency = doctor.currency = fact->currency;
    entry.known = true;
  }
  ask->answer(DoctorAnswer{doctor, created}, journal);
}

}  // namespace toll::actors
