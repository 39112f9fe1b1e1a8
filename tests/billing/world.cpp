#include "tests/billing/world.hpp"

#include <algorithm>

#include "billing/assert.hpp"
#include "billing/statement.hpp"

namespace toll::tests {

namespace {

Done refused(Refusal refusal) {
  Done done;
  done.refusal = refusal;
  return done;
}

bool same_kind(Channel a, Channel b) { return (a == Channel::text) == (b == Channel::text); }

}  // namespace

// --- Records ---

void World::append(Instant at, Fact fact) {
  records.push_back({records.size() + 1, at, std::move(fact)});
  fold(records.back());
}

void World::fold(const Record& record) {
  const Instant at = record.at;
  if (const auto* f = std::get_if<Granted>(&record.fact)) {
    subscriptions.emplace(f->subscription, granted(*f, at));
  } else if (const auto* f = std::get_if<Changed>(&record.fact)) {
    apply(subscriptions.at(f->subscription), Placed<Changed>{*f, record.seq}, at);
  } else if (const auto* f = std::get_if<ToppedUp>(&record.fact)) {
    apply(subscriptions.at(f->subscription), *f, at);
  } else if (const auto* f = std::get_if<DoctorRegistered>(&record.fact)) {
    doctors.try_emplace(f->doctor).first->second.id = f->doctor;
    apply(doctors.at(f->doctor), *f);
  } else if (const auto* f = std::get_if<Created>(&record.fact)) {
    sessions.emplace(f->session, created(*f, record.seq, at));
    apply(subscriptions.at(f->hold.subscription), *f, at);
    doctors.try_emplace(f->doctor).first->second.id = f->doctor;
    apply(doctors.at(f->doctor), *f);
  } else if (const auto* f = std::get_if<DeadlineSet>(&record.fact)) {
    apply(sessions.at(f->session), *f, at);
  } else if (const auto* f = std::get_if<Activated>(&record.fact)) {
    apply(sessions.at(f->session), *f, at);
  } else if (const auto* f = std::get_if<Charged>(&record.fact)) {
    apply(sessions.at(f->session), *f, at);
    apply(subscriptions.at(f->taken.subscription), *f, at);
    if (f->hold.subscription != f->taken.subscription) {
      apply(subscriptions.at(f->hold.subscription), *f, at);
    }
    apply(doctors.at(f->doctor), *f);
  } else if (const auto* f = std::get_if<Forgiven>(&record.fact)) {
    apply(sessions.at(f->session), *f, at);
  } else if (const auto* f = std::get_if<Ended>(&record.fact)) {
    apply(sessions.at(f->session), *f, at);
    apply(subscriptions.at(f->hold.subscription), *f, at);
    apply(doctors.at(f->doctor), *f);
  } else if (const auto* f = std::get_if<Refunded>(&record.fact)) {
    apply(sessions.at(f->session), *f, at);
    apply(subscriptions.at(f->payer.subscription), *f, at);
    apply(doctors.at(f->doctor), *f);
  } else if (const auto* f = std::get_if<OutageBegan>(&record.fact)) {
    outages.begin(f->since);
  } else if (const auto* f = std::get_if<OutageJudged>(&record.fact)) {
    outages.judge(f->verdict);
  } else if (std::holds_alternative<Ready>(record.fact)) {
    outages.end(at);
  } else if (const auto* f = std::get_if<WithdrawalRequested>(&record.fact)) {
    withdrawals.emplace(f->withdrawal, requested(*f, at));
    apply(doctors.at(f->doctor), *f);
  } else if (const auto* f = std::get_if<WithdrawalMoved>(&record.fact)) {
    apply(withdrawals.at(f->withdrawal), *f, at);
    apply(doctors.at(f->doctor), *f);
  }
}

World World::after_crash(std::size_t count) const {
  World world;
  world.policies = policies;
  world.outages.max_ms = outages.max_ms;
  for (std::size_t i = 0; i < count; ++i) {
    world.records.push_back(records[i]);
    world.fold(records[i]);
  }
  return world;
}

const Policy& World::policy_of(const std::string& session) const {
  return policies.at(sessions.at(session).policy_version);
}

Moment World::moment(const std::string& session, Instant at) const {
  const Session& state = sessions.at(session);
  return {state, policy_of(session), std::max(at, state.last_at)};
}

std::vector<std::string> World::giving_order() const {
  std::vector<std::string> ids;
  for (const auto& [id, subscription] : subscriptions) ids.push_back(id);
  std::stable_sort(ids.begin(), ids.end(), [this](const auto& a, const auto& b) {
    return subscriptions.at(a).starts_at < subscriptions.at(b).starts_at;
  });
  return ids;
}

// --- Sessions ---

std::int64_t World::settle(Instant at, const std::string& session,
                           const std::string& triggered_by) {
  std::int64_t deducted = 0;
  if (!sessions.at(session).live()) return deducted;
  const Moment now = moment(session, at);
  if (auto ended = pass_deadline(now)) append(now.at, *std::move(ended));
  while (const std::int64_t boundaries = chargeable(now, outages)) {
    const ChargeQuestion question = charge_question(now, boundaries, triggered_by);
    std::optional<Charged> gift;
    for (const std::string& id : giving_order()) {
      gift = charge(subscriptions.at(id), question);
      if (gift) break;
    }
    deducted += gift ? gift->units : 1;
    append(now.at, gift ? Fact{*gift} : Fact{exhaust(now, triggered_by)});
  }
  if (auto forgiven = forgive(now, outages, triggered_by)) append(now.at, *std::move(forgiven));
  return deducted;
}

std::vector<std::string> World::busy(const StartQuestion& question) const {
  std::vector<std::string> ids;
  for (const auto& [id, session] : sessions) {
    const bool patients =
        session.patient == question.patient && same_kind(session.channel, question.channel);
    if (session.live() && patients) ids.push_back(id);
  }
  for (const auto& [id, session] : sessions) {
    if (session.live() && session.doctor == question.doctor) ids.push_back(id);
  }
  return ids;
}

Done World::start(Instant at, const std::string& id, Channel channel, const std::string& patient,
                  const std::string& doctor, std::optional<std::string> external_ref) {
  const auto known_doctor = doctors.find(doctor);
  const StartQuestion question{
      id,
      channel,
      patient,
      doctor,
      known_doctor == doctors.end() ? default_currency : known_doctor->second.currency,
      std::move(external_ref),
      policies.current_version(),
      policies.current().expiry == ExpiryPolicy::grandfather};
  if (const auto known = sessions.find(id); known != sessions.end()) {
    const bool same = same_start(known->second, channel, patient, doctor, question.external_ref);
    if (!same) return refused(Refusal::session_exists);
    Done done;
    done.deducted = settle(at, id, "start");
    return done;
  }
  for (const std::string& other : busy(question)) settle(at, other, "start");
  std::optional<Created> gift;
  for (const std::string& subscription : giving_order()) {
    gift = billing::start(subscriptions.at(subscription), question, at);
    if (gift) break;
  }
  if (!gift) return refused(Refusal::no_units);
  if (const auto still = busy(question); !still.empty()) {
    const Session& other = sessions.at(still.front());
    const bool patients = other.patient == patient && same_kind(other.channel, channel);
    return refused(patients ? Refusal::patient_busy : Refusal::doctor_busy);
  }
  append(at, *gift);
  Done done;
  done.created = true;
  return done;
}

Done World::message(Instant at, const std::string& id, Party from) {
  if (!sessions.contains(id)) return refused(Refusal::session_not_found);
  if (sessions.at(id).channel != Channel::text) return refused(Refusal::not_a_text_session);
  if (from == Party::doctor) return activate(at, id);
  Done done;
  done.deducted = settle(at, id, "message");
  if (!sessions.at(id).live()) return refused(Refusal::session_over);
  const Moment now = moment(id, at);
  if (auto set = patient_message(now)) append(now.at, *std::move(set));
  return done;
}

Done World::activate(Instant at, const std::string& id) {
  if (!sessions.contains(id)) return refused(Refusal::session_not_found);
  Done done;
  done.deducted = settle(at, id, "activate");
  if (!sessions.at(id).live()) return refused(Refusal::session_over);
  const Moment now = moment(id, at);
  if (auto activated = billing::activate(now)) append(now.at, *std::move(activated));
  return done;
}

Done World::deduct(Instant at, const std::string& id, const std::string& triggered_by) {
  if (!sessions.contains(id)) return refused(Refusal::session_not_found);
  const bool was_active = sessions.at(id).status == Status::active;
  Done done;
  done.intervals_due = completed_intervals(sessions.at(id), policy_of(id), at);
  done.deducted = settle(at, id, triggered_by);
  return was_active ? done : refused(Refusal::session_not_active);
}

Done World::end(Instant at, const std::string& id, Party by) {
  if (!sessions.contains(id)) return refused(Refusal::session_not_found);
  Done done;
  done.already_ended = !sessions.at(id).live();
  done.deducted = settle(at, id, "end");
  if (!sessions.at(id).live()) return done;
  const Moment now = moment(id, at);
  const Ended fact = hang_up(now, by, std::nullopt, "end");
  append(now.at, fact);
  done.manual_unit = fact.manual();
  done.deducted += fact.units;
  return done;
}

Done World::wake(Instant at, const std::string& id) {
  if (!sessions.contains(id)) return refused(Refusal::session_not_found);
  Done done;
  done.deducted = settle(at, id, "timer");
  return done;
}

Done World::recover(Instant since, Instant at, const std::string& id) {
  begin_outage(since, at);
  const Done done = wake(at, id);
  ready(at);
  return done;
}

// --- Subscriptions and doctors ---

Done World::put(Instant at, Granted request, bool starts_now) {
  request.version = 1;
  const bool empty_period = request.starts_at >= request.ends_at;
  if (!starts_now && empty_period) return refused(Refusal::empty_period);
  if (starts_now) request.starts_at = at;
  if (const auto known = subscriptions.find(request.subscription); known != subscriptions.end()) {
    const bool same = known->second.fingerprint == request.fingerprint;
    return same ? Done{} : refused(Refusal::subscription_exists);
  }
  if (request.starts_at >= request.ends_at) return refused(Refusal::empty_period);
  append(at, std::move(request));
  Done done;
  done.created = true;
  return done;
}

Done World::patch(Instant at, const std::string& id, Change wanted) {
  if (!subscriptions.contains(id)) return refused(Refusal::subscription_not_found);
  Seq oldest_live = records.size() + 1;
  for (const auto& [session_id, session] : sessions) {
    if (session.live()) oldest_live = std::min(oldest_live, session.created_seq);
  }
  auto decision = change(subscriptions.at(id), std::move(wanted), at, oldest_live);
  if (const auto* refusal = std::get_if<Refusal>(&decision)) return refused(*refusal);
  if (auto* changed = std::get_if<Changed>(&decision)) append(at, std::move(*changed));
  return {};
}

Done World::top_up(Instant at, const std::string& id, const Units& units) {
  if (!subscriptions.contains(id)) return refused(Refusal::subscription_not_found);
  const auto decision = billing::top_up(subscriptions.at(id), units);
  if (const auto* refusal = std::get_if<Refusal>(&decision)) return refused(*refusal);
  append(at, std::get<ToppedUp>(decision));
  return {};
}

Done World::put_doctor(Instant at, const std::string& id, std::optional<Currency> currency) {
  const auto known = doctors.find(id);
  const Doctor* const doctor = known == doctors.end() ? nullptr : &known->second;
  const auto decision = register_doctor(id, doctor, currency, policies.current());
  if (const auto* refusal = std::get_if<Refusal>(&decision)) return refused(*refusal);
  Done done;
  done.created = !doctor;
  if (const auto* fact = std::get_if<DoctorRegistered>(&decision)) append(at, *fact);
  return done;
}

// --- Money back and money out ---

Done World::refund(Instant at, const std::string& id, std::int64_t units) {
  if (!sessions.contains(id)) return refused(Refusal::session_not_found);
  settle(at, id, "refund");
  const Moment now = moment(id, at);
  const auto decision = billing::refund(now, units, "sorry");
  if (const auto* refusal = std::get_if<Refusal>(&decision)) return refused(*refusal);
  for (const Refunded& fact : std::get<std::vector<Refunded>>(decision)) append(now.at, fact);
  return {};
}

Done World::withdraw(Instant at, const std::string& doctor, const std::string& id,
                     const Money& amount) {
  if (!doctors.contains(doctor)) return refused(Refusal::doctor_not_found);
  const auto decision = request_withdrawal(doctors.at(doctor), id, amount);
  if (const auto* refusal = std::get_if<Refusal>(&decision)) return refused(*refusal);
  append(at, std::get<WithdrawalRequested>(decision));
  return {};
}

Done World::move(Instant at, const std::string& id, WithdrawalStatus to) {
  if (!withdrawals.contains(id)) return refused(Refusal::withdrawal_not_found);
  const Withdrawal& withdrawal = withdrawals.at(id);
  const auto decision = move_withdrawal(doctors.at(withdrawal.doctor), withdrawal, to);
  if (const auto* refusal = std::get_if<Refusal>(&decision)) return refused(*refusal);
  append(at, std::get<WithdrawalMoved>(decision));
  return {};
}

// --- Ready-made ---

Granted grant(const std::string& id, const std::string& patient, std::int64_t units) {
  Granted fact;
  fact.subscription = id;
  fact.patient = patient;
  fact.units = {units, units, units};
  fact.starts_at = t0;
  fact.ends_at = t0 + days(30);
  fact.fingerprint = id + patient + std::to_string(units);
  return fact;
}

World running(Channel channel, std::int64_t units, Policy policy) {
  World world{std::move(policy)};
  world.put(t0, grant("s1", "p", units));
  const Done started = world.start(t0, "x", channel, "p", "d");
  TOLL_ASSERT(started.created);
  world.activate(t0, "x");
  return world;
}

}  // namespace toll::tests
