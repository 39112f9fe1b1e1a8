#include "tests/e2e/ledger.hpp"

#include <stdexcept>

namespace toll::test {

namespace {

using Json = Ledger::Json;

void increase(Json& counter, std::int64_t by) { counter = counter.get<std::int64_t>() + by; }

}  // namespace

void Ledger::count(const std::string& subscription, const std::string& channel, const char* counter,
                   std::int64_t change) {
  Json& units = subscriptions.at(subscription)["units"][channel];
  increase(units[counter], change);
  const auto of = [&](const char* name) { return units[name].get<std::int64_t>(); };
  units["free"] = of("granted") + of("refunded") - of("taken") - of("held");
  units["remaining"] = of("free") + of("held");
}

void Ledger::earn(const Json& event, int sign) {
  Json& doctor = doctors.at(event["doctor_id"]);
  increase(doctor["earned"], sign * event["amount"].get<std::int64_t>());
  if (doctor["currency"] != event["currency"]) throw std::runtime_error("currencies are mixed");
}

void Ledger::add(const Json& event) {
  if (event["seq"] != last_ + 1) throw std::runtime_error("a gap after " + std::to_string(last_));
  ++last_;
  const std::string type = event["type"];
  types_.insert(type);
  if (type == "granted") {
    Json& made = subscriptions[event["subscription_id"]];
    made = event;
    made["units"] = Json::object();
    made["enabled"] = true;
    for (const auto& [channel, units] : event["units"].items()) {
      made["units"][channel] = {{"granted", 0}, {"taken", 0}, {"refunded", 0}, {"held", 0}};
      count(event["subscription_id"], channel, "granted", units);
    }
  } else if (type == "changed") {
    Json& changed = subscriptions.at(event["subscription_id"]);
    if (event.contains("status")) changed["enabled"] = event["status"] == "active";
    for (const char* field : {"members", "ends_at", "rollover_days"}) {
      if (event.contains(field)) changed[field] = event[field];
    }
  } else if (type == "topped_up") {
    for (const auto& [channel, units] : event["units"].items()) {
      count(event["subscription_id"], channel, "granted", units);
    }
  } else if (type == "doctor_registered") {
    doctors[event["doctor_id"]] = {
        {"currency", event["currency"]}, {"earned", 0}, {"withdrawn", 0}, {"pending", 0}};
  } else if (type == "created") {
    create(event);
  } else if (type == "deadline_set") {
    sessions.at(event["session_id"])["response_deadline"] = event["response_deadline"];
  } else if (type == "activated") {
    sessions.at(event["session_id"])["status"] = "active";
    sessions.at(event["session_id"])["activated_at"] = event["at"];
  } else if (type == "charged") {
    charge(event);
  } else if (type == "forgiven") {
    increase(sessions.at(event["session_id"])["auto_deductions_processed"], event["intervals"]);
  } else if (type == "ended" || type == "expired" || type == "missed") {
    end(event);
  } else if (type == "refunded") {
    refund(event);
  } else if (type.starts_with("withdrawal_")) {
    move_withdrawal(event);
  } else if (type == "policy_recorded") {
    policies[event["policy_version"]] = event["policy"];
  } else if (type != "outage_began" && type != "ready" && type != "batch_answered" &&
             type != "clock_advanced" && type != "history_given_up" && type != "clock_accepted" &&
             type != "clock_resumed" && type != "outage_judged") {
    throw std::runtime_error("an unknown type, " + type);
  }
}

void Ledger::create(const Json& event) {
  sessions[event["session_id"]] = {{"status", "waiting"},
                                   {"channel", event["channel"]},
                                   {"patient_id", event["patient_id"]},
                                   {"doctor_id", event["doctor_id"]},
                                   {"external_ref", event["external_ref"]},
                                   {"policy_version", event["policy_version"]},
                                   {"created_at", event["at"]},
                                   {"response_deadline", nullptr},
                                   {"activated_at", nullptr},
                                   {"ended_at", nullptr},
                                   {"ended_by", nullptr},
                                   {"end_reason", nullptr},
                                   {"reason", nullptr},
                                   {"auto_deductions_processed", 0},
                                   {"manual_deduction_applied", false},
                                   {"sessions_used", 0},
                                   {"units_refunded", 0}};
  doctors.try_emplace(
      event["doctor_id"],
      Json{{"currency", event["currency"]}, {"earned", 0}, {"withdrawn", 0}, {"pending", 0}});
  count(event["held_on"], event["channel"], "held", 1);
}

void Ledger::charge(const Json& event) {
  Json& session = sessions.at(event["session_id"]);
  const std::int64_t units = event["units"];
  count(event["subscription_id"], event["channel"], "taken", units);
  count(event["subscription_id"], event["channel"], "held", -1);
  count(event["held_on"], event["channel"], "held", 1);
  increase(session["sessions_used"], units);
  increase(session["auto_deductions_processed"], units);
  earn(event, 1);
}

void Ledger::end(const Json& event) {
  Json& session = sessions.at(event["session_id"]);
  const std::int64_t units = event["units"];
  count(event["subscription_id"], event["channel"], "held", -1);
  count(event["subscription_id"], event["channel"], "taken", units);
  increase(session["sessions_used"], units);
  if (!event["interval"].is_null()) increase(session["auto_deductions_processed"], 1);
  session["manual_deduction_applied"] = event["manual_unit"];
  session["status"] = event["type"];
  for (const char* field : {"ended_at", "ended_by", "end_reason", "reason"}) {
    session[field] = event[field];
  }
  earn(event, 1);
}

void Ledger::refund(const Json& event) {
  const std::int64_t units = event["units"];
  count(event["subscription_id"], event["channel"], "refunded", units);
  increase(sessions.at(event["session_id"])["units_refunded"], units);
  earn(event, -1);
}

void Ledger::move_withdrawal(const Json& event) {
  const std::string type = event["type"];
  const std::string status = type.substr(std::string("withdrawal_").size());
  const std::int64_t amount = event["amount"];
  Json& doctor = doctors.at(event["doctor_id"]);
  withdrawals[event["withdrawal_id"]] = {
      {"status", status}, {"amount", amount}, {"doctor_id", event["doctor_id"]}};
  if (status == "requested") increase(doctor["pending"], amount);
  if (status == "rejected" || status == "paid") increase(doctor["pending"], -amount);
  if (status == "paid") increase(doctor["withdrawn"], amount);
}

}  // namespace toll::test
