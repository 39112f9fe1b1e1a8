// `METHOD TARGET`, a newline and a body, through routing, validation and the writing of the answer.
// What is understood is what nlohmann's own parser understands, and layout does not matter.
#include <nlohmann/json.hpp>

#include "billing/assert.hpp"
#include "http/json_value.hpp"
#include "http/service.hpp"
#include "http/time_format.hpp"
#include "tests/fuzz/prompt_engine.hpp"

namespace {

using namespace toll;
using namespace toll::http;
using Json = nlohmann::json;

void check_time(const std::string& text) {
  const auto at = parse_time(text);
  if (!at) return;
  TOLL_ASSERT(*at >= 0 && *at <= latest_instant);
  std::string again;
  append_time(again, *at);
  TOLL_ASSERT(parse_time(again) == at);
}

/// Whether the two say the same.
bool same(const JsonValue& ours, const Json& theirs) {
  switch (ours.kind) {
    case JsonValue::Kind::null:
      return theirs.is_null();
    case JsonValue::Kind::boolean:
      return theirs.is_boolean() && theirs.get<bool>() == ours.boolean;
    case JsonValue::Kind::integer:
      // To nlohmann 2^63 equals -2^63.
      return theirs.is_number_integer() && theirs == ours.integer &&
             (!theirs.is_number_unsigned() || ours.integer >= 0);
    case JsonValue::Kind::number:
      return theirs.is_number_float() ||
             (theirs.is_number_unsigned() && theirs.get<std::uint64_t>() > INT64_MAX);
    case JsonValue::Kind::string:
      check_time(ours.string);
      return theirs.is_string() && theirs.get_ref<const std::string&>() == ours.string;
    case JsonValue::Kind::array:
      if (!theirs.is_array() || theirs.size() != ours.items.size()) return false;
      for (std::size_t i = 0; i < theirs.size(); ++i) {
        if (!same(ours.items[i], theirs[i])) return false;
      }
      return true;
    case JsonValue::Kind::object:
      if (!theirs.is_object() || theirs.size() != ours.items.size()) return false;
      for (const JsonValue& item : ours.items) {
        if (!theirs.contains(item.name) || !same(item, theirs[item.name])) return false;
      }
      return true;
  }
  return false;
}

Method method_named(std::string_view text) {
  for (const Method method : {Method::get, Method::put, Method::patch, Method::post}) {
    if (text == name(method)) return method;
  }
  return Method::other;
}

/// A service, and what it makes of requests.
class Desk {
 public:
  Action begin(Method method, std::string_view target, std::string_view body) {
    Request request;
    request.method = method;
    request.target = target;
    request.body = body;
    request.content_type = "application/json";
    request.idempotency_key = "k";
    return service_.begin(request, pending_);
  }

  void check(const Reply& reply) {
    TOLL_ASSERT(reply.status >= 200 && reply.status < 600);
    if (reply.status >= 400) TOLL_ASSERT(Json::parse(reply.body)["status"] == reply.status);
  }

  /// What the reader's thread does.
  Reply read(const AskRows& ask) { return ask.read(rows_); }

 private:
  tests::PromptEngine engine_;
  tests::FakeRows rows_;
  Auth auth_ = Auth::off();
  Metrics metrics_;
  Service service_{engine_, auth_, metrics_, {}};
  Pending pending_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Desk desk;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t newline = std::min(text.find('\n'), text.size());
  const std::string_view line = text.substr(0, newline);
  const std::string_view body = text.substr(std::min(newline + 1, text.size()));
  const std::size_t blank = std::min(line.find(' '), line.size());
  const Method method = method_named(line.substr(0, blank));
  const std::string_view target = line.substr(std::min(blank + 1, line.size()));

  const ParsedJson ours = parse_json(body);
  if (!ours.error) {
    const Json theirs = Json::parse(body, nullptr, false);
    TOLL_ASSERT(!theirs.is_discarded() && same(ours.value, theirs));
  }

  const Action action = desk.begin(method, target, body);
  if (const auto* reply = std::get_if<Reply>(&action)) desk.check(*reply);
  if (const auto* rows = std::get_if<AskRows>(&action)) desk.check(desk.read(*rows));
  const auto* ask = std::get_if<AskEngine>(&action);
  if (!ask || !ask->cause || body.empty()) return 0;
  const Action again = desk.begin(method, target, Json::parse(body).dump(1));
  const auto* repeated = std::get_if<AskEngine>(&again);
  TOLL_ASSERT(repeated && tests::type_of(repeated->command) == tests::type_of(ask->command) &&
              repeated->cause == ask->cause);
  return 0;
}
