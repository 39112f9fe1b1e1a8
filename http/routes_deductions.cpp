#include "http/json_reader.hpp"
#include "http/json_writer.hpp"
#include "http/problem.hpp"
#include "http/routes.hpp"

namespace toll::http {

namespace {

constexpr std::size_t max_items = 1000;

/// An item says what a request of its own would have said.
void write_item(JsonWriter& json, const std::string& session, const billing::BatchItem& item) {
  json.begin_object();
  json.field("session_id", session);
  json.field("deducted", item.deducted);
  if (item.refusal) {
    json.field("status", std::int64_t{status_of(*item.refusal)});
    json.field("code", code(*item.refusal));
  } else if (!item.served) {
    json.field("status", std::int64_t{503});
    json.field("code", "unavailable");
  } else {
    json.field("status", std::int64_t{200});
  }
  json.end_object();
}

Reply render_batch(const actors::Answer& answer, const actors::Engine&) {
  const auto& batch = std::get<actors::BatchAnswer>(answer);
  Reply reply;
  JsonWriter json(reply.body);
  json.begin_object();
  json.key("items").begin_array();
  for (std::size_t i = 0; i < batch.items.size(); ++i) {
    write_item(json, batch.sessions[i], batch.items[i]);
  }
  json.end_array();
  json.end_object();
  return reply;
}

}  // namespace

Action deduct_batch(const Call& call) {
  BodyReader body(call.body);
  std::vector<std::string> sessions;
  body.fields().objects("items", max_items,
                        [&](ObjectReader& item) { sessions.push_back(item.id("session_id")); });
  if (const auto& error = body.finish()) return invalid_request(*error);
  return AskEngine{actors::DeductBatch{std::move(sessions)}, render_batch};
}

}  // namespace toll::http
