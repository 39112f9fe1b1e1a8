#include "http/json_reader.hpp"
#include "http/problem.hpp"
#include "http/routes.hpp"
#include "http/server_id.hpp"
#include "http/views.hpp"

namespace toll::http {

namespace {

constexpr std::size_t max_triggered_by = 64;  ///< characters
constexpr std::size_t max_reason = 1000;      ///< likewise

constexpr std::size_t usual_length = 768;  ///< bytes of a session in JSON, to allocate once

const actors::SessionAnswer& session_of(const actors::Answer& answer) {
  return std::get<actors::SessionAnswer>(answer);
}

Reply render_session(const actors::Answer& answer, const actors::Engine& engine) {
  const auto& given = session_of(answer);
  Reply reply;
  reply.body.reserve(usual_length);
  JsonWriter json(reply.body);
  write_session(json, given.session, engine.policies(), given.at);
  return reply;
}

Reply render_started(const actors::Answer& answer, const actors::Engine& engine) {
  Reply reply = render_session(answer, engine);
  reply.status = session_of(answer).created ? 201 : 200;
  return reply;
}

/// What this very request did, then the session as it is now.
template <class WriteCounters>
Reply with_session(const actors::Answer& answer, const actors::Engine& engine,
                   WriteCounters write_counters) {
  const auto& given = session_of(answer);
  Reply reply;
  reply.body.reserve(usual_length);
  JsonWriter json(reply.body);
  json.begin_object();
  write_counters(json, given);
  json.key("session");
  write_session(json, given.session, engine.policies(), given.at);
  json.end_object();
  return reply;
}

Reply render_deducted(const actors::Answer& answer, const actors::Engine& engine) {
  return with_session(answer, engine, [](JsonWriter& json, const actors::SessionAnswer& given) {
    json.field("deducted", given.deducted);
    json.field("intervals_due", given.intervals_due);
  });
}

Reply render_ended(const actors::Answer& answer, const actors::Engine& engine) {
  return with_session(answer, engine, [](JsonWriter& json, const actors::SessionAnswer& given) {
    json.field("deducted", given.deducted);
    json.field("manual_unit", given.manual_unit);
    json.field("already_ended", given.already_ended);
  });
}

Reply render_refunded(const actors::Answer& answer, const actors::Engine& engine) {
  Reply reply =
      with_session(answer, engine, [](JsonWriter& json, const actors::SessionAnswer& given) {
        json.field("refunded", given.refunded);
      });
  reply.status = 201;
  return reply;
}

/// Only people send messages.
std::optional<billing::Party> parse_person(std::string_view text) {
  const auto party = billing::parse_party(text);
  return party == billing::Party::server ? std::nullopt : party;
}

}  // namespace

Action start_session(const Call& call) {
  BodyReader body(call.body);
  ObjectReader& fields = body.fields();
  actors::StartSession command;
  auto id = fields.optional_id("id");
  fields.require("channel");
  command.channel =
      fields.optional_choice("channel", billing::parse_channel, "text, voice or video")
          .value_or(billing::Channel::text);
  command.patient = fields.id("patient_id");
  command.doctor = fields.id("doctor_id");
  command.external_ref = fields.optional_text("external_ref", max_label);
  if (const auto& error = body.finish()) return invalid_request(*error);
  command.id_is_new = !id;
  command.id = id ? std::move(*id) : make_server_id(call.engine.now());
  return AskEngine{std::move(command), render_started};
}

Action send_message(const Call& call) {
  BodyReader body(call.body);
  ObjectReader& fields = body.fields();
  fields.require("from");
  const auto from = fields.optional_choice("from", parse_person, "patient or doctor");
  if (const auto& error = body.finish()) return invalid_request(*error);
  return AskEngine{actors::SendMessage{call.id, *from}, render_session};
}

Action activate_session(const Call& call) {
  return AskEngine{actors::ActivateSession{call.id}, render_session};
}

Action deduct_units(const Call& call) {
  BodyReader body(call.body);
  auto triggered_by = body.fields().optional_text("triggered_by", max_triggered_by);
  if (const auto& error = body.finish()) return invalid_request(*error);
  return AskEngine{actors::DeductUnits{call.id, triggered_by ? std::move(*triggered_by) : "api"},
                   render_deducted};
}

Action end_session(const Call& call) {
  BodyReader body(call.body);
  ObjectReader& fields = body.fields();
  actors::EndSession command;
  command.session = call.id;
  command.by = fields.optional_choice("ended_by", billing::parse_party, "patient, doctor or server")
                   .value_or(call.only_for ? call.only_for->party : billing::Party::server);
  command.reason = fields.optional_text("reason", max_reason);
  if (const auto& error = body.finish()) return invalid_request(*error);
  return AskEngine{std::move(command), render_ended};
}

Action refund_units(const Call& call) {
  BodyReader body(call.body);
  ObjectReader& fields = body.fields();
  actors::RefundUnits command;
  command.session = call.id;
  command.units = fields.integer("units", 1, billing::max_units);
  fields.require("reason");
  command.reason = fields.optional_text("reason", max_reason).value_or("");
  if (const auto& error = body.finish()) return invalid_request(*error);
  return AskEngine{std::move(command), render_refunded};
}

Action get_session(const Call& call) {
  return AskEngine{actors::GetSession{call.id}, render_session};
}

}  // namespace toll::http
