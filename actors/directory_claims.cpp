#include <algorithm>

#include "actors/directory.hpp"
#include "billing/assert.hpp"

namespace toll::actors {

using namespace billing;

namespace {

/// Tells a start, once, that every session it met has done what was due.
class PartiesAsker final : public Asker {
 public:
  explicit PartiesAsker(SessionActor who) : who_(std::move(who)) {}
  ~PartiesAsker() override { caf::anon_send(who_, PartiesWoken{}); }
  void answered(Answer&&, Effect) noexcept override {}

 private:
  SessionActor who_;
};

}  // namespace

bool Directory::unsettled(const std::string& session) const {
  return !session.empty() && tables_.claims.contains(session);
}

/// Whoever waited for a claim is tried again, in the order in which they came.
void Directory::try_again(UnsettledClaim settled) {
  for (auto& waiting : settled.waiting) {
    if (const auto* claim = std::get_if<Claim>(&waiting)) {
      decide_claim(*claim);
    } else {
      put_doctor(std::get<Serve>(waiting).ask);
    }
  }
}

void Directory::forget_if_empty(const std::string& patient, const std::string& doctor) {
  if (const auto found = tables_.patients.find(patient);
      found != tables_.patients.end() && found->second.forgettable()) {
    tables_.patients.erase(found);
  }
  if (const auto found = tables_.doctors.find(doctor);
      found != tables_.doctors.end() && !found->second.known && found->second.live.empty()) {
    tables_.doctors.erase(found);
  }
}

void Directory::decide_claim(const Claim& claim) {
  Patient& patient = tables_.patients[claim.patient];
  DoctorEntry& doctor = tables_.doctors[claim.doctor];
  std::string& patient_live = patient.live(claim.call);
  for (const std::string* met : {&patient_live, &doctor.live}) {
    if (unsettled(*met)) {
      tables_.claims[*met].waiting.emplace_back(claim);
      return;
    }
  }
  const ClaimDecided decided{patient_live, doctor.live, doctor.currency};
  if (decided.patient_live.empty() && decided.doctor_live.empty()) {
    patient_live = claim.session;
    doctor.live = claim.session;
    tables_.claims[claim.session] = {claim, context_.journal->last(), {}};
  } else {
    forget_if_empty(claim.patient, claim.doctor);
  }
  caf::anon_send(claim.who, decided);
}

void Directory::claim(const Claim& claim) {
  const std::scoped_lock lock(mutex_);
  if (!stopped_) decide_claim(claim);
}

std::optional<Answer> Directory::refused_start(const Ask& ask, const StartSession& start) {
  const std::scoped_lock lock(mutex_);
  if (context_.policies->current().known_doctors_only) {
    const auto doctor = tables_.doctors.find(start.doctor);
    const bool known = doctor != tables_.doctors.end() && doctor->second.known;
    if (!known) return Refusal::doctor_not_found;
  }
  const auto& person = ask.only_for();
  if (!person || person->party != Party::patient) return std::nullopt;
  const auto until = unbilled_.refused_until(start.patient, start.doctor, ask.at());
  if (!until) return std::nullopt;
  constexpr Instant second_ms = 1000;
  return RefusedForNow{Refusal::too_many_unbilled, (*until - ask.at() + second_ms - 1) / second_ms};
}

void Directory::settle(const Session& session, bool own) {
  const std::scoped_lock lock(mutex_);
  if (stopped_) return;
  if (own) unbilled_.started(session.id);
  ++tables_.live_by_age[session.created_seq / records_of_an_age];
  auto settled = tables_.claims.extract(session.id);
  TOLL_ASSERT(!settled.empty());
  DoctorEntry& doctor = tables_.doctors[settled.mapped().claim.doctor];
  doctor.known = true;
  doctor.named = true;
  try_again(std::move(settled.mapped()));
}

void Directory::unclaim(const std::string& session) {
  const std::scoped_lock lock(mutex_);
  if (stopped_) return;
  auto dropped = tables_.claims.extract(session);
  TOLL_ASSERT(!dropped.empty());
  const Claim& claim = dropped.mapped().claim;
  tables_.patients[claim.patient].live(claim.call).clear();
  tables_.doctors[claim.doctor].live.clear();
  forget_if_empty(claim.patient, claim.doctor);
  try_again(std::move(dropped.mapped()));
}

void Directory::wake_parties(const Claim& claim, Instant at) {
  const std::scoped_lock lock(mutex_);
  if (stopped_) return;
  const auto asker = std::make_shared<PartiesAsker>(claim.who);
  for (const std::string& live :
       {tables_.patients[claim.patient].live(claim.call), tables_.doctors[claim.doctor].live}) {
    if (live.empty()) continue;
    route(std::make_shared<Ask>(WakeSession{live, std::nullopt}, at, asker,
                                context_.counters->asks_inside));
  }
  forget_if_empty(claim.patient, claim.doctor);
}

void Directory::free(const Session& session) {
  const std::scoped_lock lock(mutex_);
  if (stopped_) return;
  const bool call = session.channel != Channel::text;
  std::string& patient_live = tables_.patients[session.patient].live(call);
  std::string& doctor_live = tables_.doctors[session.doctor].live;
  TOLL_ASSERT(patient_live == session.id && doctor_live == session.id);
  const auto age = tables_.live_by_age.find(session.created_seq / records_of_an_age);
  if (--age->second == 0) tables_.live_by_age.erase(age);
  patient_live.clear();
  doctor_live.clear();
  unbilled_.ended(session);
  forget_if_empty(session.patient, session.doctor);
}

Seq Directory::oldest_live() {
  const std::scoped_lock lock(mutex_);
  Seq oldest = context_.journal->last() + 1;
  for (const auto& [session, unsettled] : tables_.claims) {
    oldest = std::min(oldest, unsettled.after + 1);
  }
  const auto& ages = tables_.live_by_age;
  return ages.empty() ? oldest : std::min(oldest, ages.begin()->first * records_of_an_age);
}

void Directory::put_doctor(const AskPtr& ask) {
  const auto& command = std::get<PutDoctor>(ask->command());
  DoctorEntry& entry = tables_.doctors[command.id];
  if (unsettled(entry.live)) {
    // Whether a session names the doctor is being decided right now.
    tables_.claims[entry.live].waiting.emplace_back(Serve{ask});
    return;
  }
  persistence::Journal& journal = *context_.journal;
  Doctor doctor;
  doctor.id = command.id;
  doctor.version = entry.version;
  doctor.currency = entry.currency;
  doctor.named = entry.named;
  const auto decision = register_doctor(command.id, entry.known ? &doctor : nullptr,
                                        command.currency, context_.policies->current());
  if (const auto* refusal = std::get_if<Refusal>(&decision)) {
    forget_if_empty({}, command.id);
    return ask->answer(*refusal, journal);
  }
  const bool created = !entry.known;
  if (const auto* fact = std::get_if<DoctorRegistered>(&decision)) {
    ask->record(journal, ask->at(), *fact);
    entry.version = doctor.version = fact->version;
    entry.currency = doctor.currency = fact->currency;
    entry.known = true;
  }
  ask->answer(DoctorAnswer{doctor, created}, journal);
}

}  // namespace toll::actors
