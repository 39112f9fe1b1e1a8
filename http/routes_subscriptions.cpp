#include <algorithm>

#include "access/digest.hpp"
#include "http/json_reader.hpp"
#include "http/problem.hpp"
#include "http/routes.hpp"
#include "http/views.hpp"

namespace toll::http {

namespace {

constexpr std::size_t max_members = 1000;
constexpr std::int64_t max_rollover_days = 3650;

Reply render(const actors::Answer& answer, unsigned status) {
  const auto& given = std::get<actors::SubscriptionAnswer>(answer);
  Reply reply{.status = status};
  JsonWriter json(reply.body);
  const auto write = given.for_member ? write_shared_subscription : write_subscription;
  write(json, given.subscription, given.at);
  return reply;
}

Reply render_put(const actors::Answer& answer, const actors::Engine&) {
  return render(answer, std::get<actors::SubscriptionAnswer>(answer).created ? 201 : 200);
}
Reply render_topped_up(const actors::Answer& answer, const actors::Engine&) {
  return render(answer, 201);
}
Reply render_shown(const actors::Answer& answer, const actors::Engine&) {
  return render(answer, 200);
}

Reply render_balance(const actors::Answer& answer, const actors::Engine&) {
  const auto& balance = std::get<actors::BalanceAnswer>(answer);
  Reply reply;
  JsonWriter json(reply.body);
  json.begin_object();
  json.field("patient_id", balance.patient);
  json.key("units").begin_object();
  for (const billing::Channel channel : billing::channels) {
    json.field(billing::name(channel), balance.units[billing::index(channel)]);
  }
  json.end_object();
  json.strings_field("subscriptions", balance.subscriptions);
  json.end_object();
  return reply;
}

std::optional<bool> parse_enabled(std::string_view text) {
  if (text == "active") return true;
  if (text == "disabled") return false;
  return std::nullopt;
}

/// The order in which a subscription keeps its members.
std::optional<std::vector<std::string>> members(ObjectReader& fields) {
  auto ids = fields.optional_ids("members", max_members);
  if (ids) {
    std::sort(ids->begin(), ids->end());
    ids->erase(std::unique(ids->begin(), ids->end()), ids->end());
  }
  return ids;
}

/// Enough of a digest that no two requests share it, and short enough for a string to hold in
/// place: every subscription in memory has one.
constexpr std::size_t fingerprint_bytes = 15;

/// Equal exactly for equal requests: the fields as they were read, written in one order.
std::string fingerprint(const actors::PutSubscription& command) {
  std::string text;
  JsonWriter json(text);
  json.begin_array();
  json.value(command.patient);
  json.begin_array();
  for (const std::string& member : command.members) json.value(member);
  json.end_array();
  for (const std::int64_t units : command.units) json.value(units);
  json.value(command.starts_at).value(command.ends_at).value(command.rollover_days);
  json.value(command.plan).value(command.payment_ref);
  json.end_array();
  const access::Sha256 digest = access::sha256(text);
  return {digest.begin(), digest.begin() + fingerprint_bytes};
}

}  // namespace

Action put_subscription(const Call& call) {
  BodyReader body(call.body);
  ObjectReader& fields = body.fields();
  actors::PutSubscription command;
  command.id = call.id;
  command.patient = fields.id("patient_id");
  command.members = members(fields).value_or(std::vector<std::string>());
  fields.require("units");
  fields.units("units", command.units);
  command.starts_at = fields.optional_time("starts_at");
  command.ends_at = fields.time("ends_at");
  if (command.starts_at && *command.starts_at >= command.ends_at) {
    fields.fail("ends_at", " must be later than starts_at.");
  }
  command.rollover_days = static_cast<std::int32_t>(
      fields.optional_integer("rollover_days", 0, max_rollover_days).value_or(0));
  command.plan = fields.optional_text("plan", max_label);
  command.payment_ref = fields.optional_text("payment_ref", max_label);
  if (const auto& error = body.finish()) return invalid_request(*error);
  command.fingerprint = fingerprint(command);
  return AskEngine{std::move(command), render_put};
}

Action get_subscription(const Call& call) {
  return AskEngine{actors::GetSubscription{call.id}, render_shown};
}

Action patch_subscription(const Call& call) {
  BodyReader body(call.body);
  ObjectReader& fields = body.fields();
  actors::PatchSubscription command{call.id, {}};
  command.change.enabled = fields.optional_choice("status", parse_enabled, "active or disabled");
  command.change.members = members(fields);
  command.change.ends_at = fields.optional_time("ends_at");
  if (const auto& error = body.finish()) return invalid_request(*error);
  return AskEngine{std::move(command), render_shown};
}

Action top_up_subscription(const Call& call) {
  BodyReader body(call.body);
  ObjectReader& fields = body.fields();
  actors::TopUpSubscription command{call.id, {}};
  fields.require("units");
  if (fields.units("units", command.units) && command.units == billing::Units{}) {
    fields.fail("units", " must have at least one channel above 0.");
  }
  if (const auto& error = body.finish()) return invalid_request(*error);
  return AskEngine{std::move(command), render_topped_up};
}

Action get_balance(const Call& call) {
  return AskEngine{actors::GetBalance{call.id}, render_balance};
}

}  // namespace toll::http
