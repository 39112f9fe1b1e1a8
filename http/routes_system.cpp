#include "http/embedded.hpp"
#include "http/json_reader.hpp"
#include "http/json_writer.hpp"
#include "http/problem.hpp"
#include "http/routes.hpp"

namespace toll::http {

namespace {

constexpr std::int64_t max_advance_ms = 1'000'000'000'000;

Reply render_clock(const actors::Answer& answer, const actors::Engine&) {
  Reply reply;
  JsonWriter json(reply.body);
  json.begin_object().time_field("now", std::get<actors::ClockAnswer>(answer).now).end_object();
  return reply;
}

}  // namespace

Action get_clock(const Call&) { return AskEngine{actors::GetClock{}, render_clock}; }

Action advance_clock(const Call& call) {
  BodyReader body(call.body);
  ObjectReader& fields = body.fields();
  actors::AdvanceClock command;
  command.advance_ms = fields.integer("advance_ms", 0, max_advance_ms);
  command.run_timers = fields.optional_flag("run_timers").value_or(true);
  if (call.engine.now() > latest_instant - command.advance_ms) {
    fields.fail("advance_ms", " leads beyond the year 9999.");
  }
  if (const auto& error = body.finish()) return invalid_request(*error);
  return AskEngine{command, render_clock};
}

Action get_livez(const Call&) { return Reply{.body = R"({"status":"ok"})"}; }

Action get_openapi(const Call&) { return Reply{.stored = embedded::openapi_json}; }

}  // namespace toll::http
