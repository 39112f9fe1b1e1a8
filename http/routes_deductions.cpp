#include "http/json_reader.hpp"
#include "http/json_writer.hpp"
#include "http/problem.hpp"
#include "http/routes.hpp"

namespace toll::http {

namespace {

constexpr std::size_t max_items = 1000;

/// An item says what a request of its own would have said.
void write_item(JsonWriter& json, const std::string& session, const actors::Answer& answer) {
  std::int64_t deducted = 0;
  unsigned status = 200;
  std::optional<std::string_view> problem;
  if (const auto* given = std::get_if<actors::SessionAnswer>(&answer)) {
    deducted = given->deducted;
  } else if (const auto* refusal = std::get_if<billing::Refusal>(&answer)) {
    status = status_of(*refusal);
    problem = code(*refusal);
  } else {
    status = 503;
    problem = "unavailable";
  }
  json.begin_object();
  json.field("session_id", session);
  json.field("deducted", deducted);
  json.field("status", std::int64_t{status});
  if (problem) json.field("code", *problem);
  json.end_object();
}

}  // namespace

Action deduct_batch(const Call& call) {
  BodyReader body(call.body);
  std::vector<std::string> sessions;
  body.fields().objects("items", max_items,
                        [&](ObjectReader& item) { sessions.push_back(item.id("session_id")); });
  if (const auto& error = body.finish()) return invalid_request(*error);
  AskMany many;
  for (const std::string& session : sessions) {
    many.commands.emplace_back(actors::DeductUnits{session, "batch"});
  }
  many.render = [sessions](const std::vector<actors::Answer>& answers) {
    Reply reply;
    JsonWriter json(reply.body);
    json.begin_object();
    json.key("items").begin_array();
    for (std::size_t i = 0; i < sessions.size(); ++i) write_item(json, sessions[i], answers[i]);
    json.end_array();
    json.end_object();
    return reply;
  };
  return many;
}

}  // namespace toll::http
