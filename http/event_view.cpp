// The event feed shows every fact with the names that the rest of the API uses.
#include "http/policy_file.hpp"
#include "http/views.hpp"

namespace toll::http {

namespace {

void write_units(JsonWriter& json, const billing::Units& units) {
  json.key("units").begin_object();
  for (const billing::Channel channel : billing::channels) {
    json.field(billing::name(channel), units[billing::index(channel)]);
  }
  json.end_object();
}

void write_pay(JsonWriter& json, const std::string& doctor, const billing::Money& pay) {
  json.field("doctor_id", doctor);
  json.field("amount", pay.amount);
  json.field("currency", pay.currency.view());
}

/// Writes what one fact says, after seq, at and type.
struct FactWriter {
  JsonWriter& json;

  void operator()(const billing::Granted& fact) {
    json.field("subscription_id", fact.subscription);
    json.field("patient_id", fact.patient);
    json.strings_field("members", fact.members);
    write_units(json, fact.units);
    json.time_field("starts_at", fact.starts_at);
    json.time_field("ends_at", fact.ends_at);
    json.field("rollover_days", fact.rollover_days);
    json.field("plan", fact.plan);
    json.field("payment_ref", fact.payment_ref);
  }
  void operator()(const billing::Changed& fact) {
    json.field("subscription_id", fact.subscription);
    if (fact.enabled) json.field("status", *fact.enabled ? "active" : "disabled");
    if (fact.members) json.strings_field("members", *fact.members);
    if (fact.ends_at) json.time_field("ends_at", *fact.ends_at);
    if (fact.oldest_live) json.field("rollover_days", std::int64_t{0});
  }
  void operator()(const billing::ToppedUp& fact) {
    json.field("subscription_id", fact.subscription);
    write_units(json, fact.units);
  }
  void operator()(const billing::DoctorRegistered& fact) {
    json.field("doctor_id", fact.doctor);
    json.field("currency", fact.currency.view());
  }
  void operator()(const billing::Created& fact) {
    json.field("session_id", fact.session);
    json.field("channel", billing::name(fact.channel));
    json.field("patient_id", fact.patient);
    json.field("doctor_id", fact.doctor);
    json.field("currency", fact.currency.view());
    json.field("external_ref", fact.external_ref);
    json.field("policy_version", fact.policy_version);
    json.field("held_on", fact.hold.subscription);
  }
  void operator()(const billing::DeadlineSet& fact) {
    json.field("session_id", fact.session);
    json.time_field("response_deadline", fact.deadline);
  }
  void operator()(const billing::Activated& fact) { json.field("session_id", fact.session); }
  void operator()(const billing::Charged& fact) {
    json.field("session_id", fact.session);
    json.field("channel", billing::name(fact.channel));
    json.field("interval", fact.first_interval);
    json.field("units", fact.units);
    json.field("subscription_id", fact.taken.subscription);
    json.field("held_on", fact.hold.subscription);
    write_pay(json, fact.doctor, fact.pay);
    json.field("triggered_by", fact.triggered_by);
  }
  void operator()(const billing::Forgiven& fact) {
    json.field("session_id", fact.session);
    json.field("interval", fact.first_interval);
    json.field("intervals", fact.intervals);
    json.field("triggered_by", fact.triggered_by);
  }
  void operator()(const billing::Ended& fact) {
    json.field("session_id", fact.session);
    json.field("channel", billing::name(fact.channel));
    json.time_field("ended_at", fact.ended_at);
    json.field("ended_by", billing::name(fact.ended_by));
    json.field("end_reason", billing::name(fact.end_reason));
    json.field("reason", fact.reason);
    json.field("interval", fact.interval > 0 ? std::optional(fact.interval) : std::nullopt);
    json.field("manual_unit", fact.manual());
    json.field("units", fact.units);
    json.field("subscription_id", fact.hold.subscription);
    write_pay(json, fact.doctor, fact.pay);
    json.field("triggered_by", fact.triggered_by);
  }
  void operator()(const billing::PolicyRecorded& fact) {
    json.field("policy_version", fact.version);
    json.key("policy");
    write_policy(json, fact.policy);
  }
  void operator()(const billing::OutageBegan& fact) { json.time_field("since", fact.since); }
  void operator()(const billing::Ready&) {}
  void operator()(const billing::BatchAnswered& fact) {
    json.field("items", static_cast<std::int64_t>(fact.items.size()));
  }
  void operator()(const billing::ClockAdvanced&) {}
  void operator()(const billing::HistoryGivenUp& fact) {
    json.field("after", fact.after);
    json.field("lost_to", fact.lost_to);
  }
  void operator()(const billing::ClockAccepted& fact) { json.time_field("from", fact.from); }
  void operator()(const billing::ClockResumed& fact) { json.field("offset_ms", fact.offset_ms); }
  void operator()(const billing::OutageJudged& fact) {
    json.time_field("since", fact.since).field("verdict", name(fact.verdict));
  }
  void operator()(const billing::WithdrawalRequested& fact) {
    json.field("withdrawal_id", fact.withdrawal);
    write_pay(json, fact.doctor, fact.amount);
  }
  void operator()(const billing::WithdrawalMoved& fact) {
    json.field("withdrawal_id", fact.withdrawal);
    json.field("status", billing::name(fact.status));
    write_pay(json, fact.doctor, fact.amount);
  }
  void operator()(const billing::Refunded& fact) {
    json.field("session_id", fact.session);
    json.field("channel", billing::name(fact.channel));
    json.field("units", fact.units);
    json.field("subscription_id", fact.payer.subscription);
    write_pay(json, fact.doctor, fact.pay);
    json.field("reason", fact.reason);
  }
};

}  // namespace

void write_event(JsonWriter& json, const billing::Record& record) {
  json.begin_object();
  json.field("seq", record.seq);
  json.time_field("at", record.at);
  json.field("type", billing::name(record.fact));
  std::visit(FactWriter{json}, record.fact);
  json.end_object();
}

}  // namespace toll::http
