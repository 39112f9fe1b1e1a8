#include "http/views.hpp"

namespace toll::http {

namespace {

/// The name of an enumeration value that may be absent.
template <class Enum>
std::optional<std::string_view> name_of(const std::optional<Enum>& value) {
  return value ? std::optional(billing::name(*value)) : std::nullopt;
}

std::string_view status_of(const billing::Subscription& subscription, billing::Instant now) {
  if (!subscription.enabled) return "disabled";
  return now >= billing::effective_end(subscription) ? "expired" : "active";
}

}  // namespace

void write_session(JsonWriter& json, const billing::Session& session,
                   const billing::PolicyBook& policies, billing::Instant now) {
  const billing::Policy& policy = policies.at(session.policy_version);
  json.begin_object();
  json.field("id", session.id);
  json.field("channel", billing::name(session.channel));
  json.field("status", billing::name(session.status));
  json.field("patient_id", session.patient);
  json.field("doctor_id", session.doctor);
  json.field("external_ref", session.external_ref);
  json.time_field("created_at", session.created_at);
  json.time_field("response_deadline", session.response_deadline);
  json.time_field("activated_at", session.activated_at);
  json.time_field("ended_at", session.ended_at);
  json.field("ended_by", name_of(session.ended_by));
  json.field("end_reason", name_of(session.end_reason));
  json.field("reason", session.reason);
  json.field("auto_deductions_processed", session.intervals_processed);
  json.field("manual_deduction_applied", session.manual_applied);
  json.field("sessions_used", session.units_used);
  json.field("units_due", billing::units_due(session, policy, now));
  json.field("units_refunded", session.units_refunded);
  json.time_field("next_deduction_at", billing::next_deduction_at(session, policy));
  json.field("policy_version", session.policy_version);
  json.end_object();
}

void write_subscription(JsonWriter& json, const billing::Subscription& subscription,
                        billing::Instant now) {
  json.begin_object();
  json.field("id", subscription.id);
  json.field("patient_id", subscription.patient);
  json.strings_field("members", subscription.members);
  json.field("plan", subscription.plan);
  json.field("payment_ref", subscription.payment_ref);
  json.time_field("starts_at", subscription.starts_at);
  json.time_field("ends_at", billing::shown_end(subscription, now));
  json.field("rollover_days", subscription.rollover_days);
  json.field("status", status_of(subscription, now));
  json.key("units").begin_object();
  for (const billing::Channel channel : billing::channels) {
    const auto c = billing::index(channel);
    json.key(billing::name(channel)).begin_object();
    json.field("granted", subscription.granted[c]);
    json.field("taken", subscription.taken[c]);
    json.field("refunded", subscription.refunded[c]);
    json.field("held", subscription.held[c]);
    json.field("free", subscription.free(channel));
    json.field("remaining", subscription.free(channel) + subscription.held[c]);
    json.end_object();
  }
  json.end_object();
  json.end_object();
}

void write_shared_subscription(JsonWriter& json, const billing::Subscription& subscription,
                               billing::Instant now) {
  json.begin_object();
  json.field("id", subscription.id);
  json.time_field("starts_at", subscription.starts_at);
  json.time_field("ends_at", billing::shown_end(subscription, now));
  json.field("status", status_of(subscription, now));
  json.key("units").begin_object();
  for (const billing::Channel channel : billing::channels) {
    json.key(billing::name(channel)).begin_object();
    json.field("free", subscription.free(channel));
    json.end_object();
  }
  json.end_object();
  json.end_object();
}

void write_wallet(JsonWriter& json, const billing::Doctor& doctor) {
  json.begin_object();
  json.field("doctor_id", doctor.id);
  json.field("currency", doctor.currency.view());
  json.field("balance", doctor.balance());
  json.field("earned", doctor.earned);
  json.field("withdrawn", doctor.withdrawn);
  json.field("pending", doctor.pending);
  json.end_object();
}

void write_withdrawal(JsonWriter& json, const billing::Withdrawal& withdrawal) {
  json.begin_object();
  json.field("id", withdrawal.id);
  json.field("doctor_id", withdrawal.doctor);
  json.field("amount", withdrawal.amount.amount);
  json.field("currency", withdrawal.amount.currency.view());
  json.field("status", billing::name(withdrawal.status));
  json.time_field("requested_at", withdrawal.requested_at);
  json.time_field("changed_at", withdrawal.changed_at);
  json.end_object();
}

void write_entry(JsonWriter& json, const billing::WalletEntry& entry) {
  const auto nonempty = [](const std::string& text) {
    return text.empty() ? std::nullopt : std::optional<std::string_view>(text);
  };
  json.begin_object();
  json.field("seq", entry.seq);
  json.time_field("at", entry.at);
  json.field("kind", billing::name(entry.kind));
  json.field("amount", entry.amount.amount);
  json.field("currency", entry.amount.currency.view());
  json.field("session_id", nonempty(entry.session));
  json.field("subscription_id", nonempty(entry.subscription));
  json.field("units", entry.units);
  json.field("payment_ref", entry.payment_ref);
  json.end_object();
}

void write_line(JsonWriter& json, const billing::StatementLine& line,
                const billing::Session& session) {
  json.begin_object();
  json.field("seq", line.seq);
  json.time_field("at", line.at);
  json.field("kind", billing::name(line.kind));
  json.field("interval", line.interval);
  json.field("units", line.units);
  json.field("subscription_id", line.subscription);
  json.key("pay").begin_object();
  json.field("amount", line.pay.amount);
  json.field("currency", session.currency.view());
  json.end_object();
  json.field("triggered_by", line.triggered_by);
  json.field("policy_version", session.policy_version);
  json.end_object();
}

}  // namespace toll::http
