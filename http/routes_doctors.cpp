#include "http/json_reader.hpp"
#include "http/list.hpp"
#include "http/problem.hpp"
#include "http/query_reader.hpp"
#include "http/routes.hpp"
#include "http/views.hpp"

namespace toll::http {

namespace {

Reply render_doctor(const actors::Answer& answer, const actors::Engine&) {
  const auto& given = std::get<actors::DoctorAnswer>(answer);
  Reply reply{.status = given.created ? 201u : 200u};
  JsonWriter json(reply.body);
  json.begin_object();
  json.field("doctor_id", given.doctor.id);
  json.field("currency", given.doctor.currency.view());
  json.end_object();
  return reply;
}

Reply render_wallet(const actors::Answer& answer, const actors::Engine&) {
  Reply reply;
  JsonWriter json(reply.body);
  write_wallet(json, std::get<actors::DoctorAnswer>(answer).doctor);
  return reply;
}

}  // namespace

Action put_doctor(const Call& call) {
  BodyReader body(call.body);
  actors::PutDoctor command{call.id, {}};
  command.currency = body.fields().optional_choice("currency", billing::parse_currency,
                                                   "a currency code of three capital letters");
  if (const auto& error = body.finish()) return invalid_request(*error);
  return AskEngine{std::move(command), render_doctor};
}

Action get_wallet(const Call& call) { return AskEngine{actors::GetWallet{call.id}, render_wallet}; }

Action list_entries(const Call& call) {
  QueryReader query(call.parameters);
  const std::size_t limit = query.limit();
  const std::string list = "entries of " + call.id;
  const auto cursor = query.cursor(list);
  if (const auto& error = query.finish()) return invalid_request(*error);
  return AskRows{[id = call.id, list, cursor, limit](const persistence::Rows& rows) {
    const auto fetch = [&](std::size_t most) { return rows.entries(id, cursor, most); };
    if (!rows.doctor(id)) {
      return fetch(1) ? refused(billing::Refusal::doctor_not_found) : unreadable_cursor();
    }
    return list_reply(list, limit, fetch, [](JsonWriter& json, const billing::WalletEntry& entry) {
      write_entry(json, entry);
    });
  }};
}

}  // namespace toll::http
