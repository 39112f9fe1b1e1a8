// The feed of events, by pages and as a stream.
#include <algorithm>
#include <charconv>

#include "http/list.hpp"
#include "http/problem.hpp"
#include "http/query_reader.hpp"
#include "http/routes.hpp"
#include "http/views.hpp"

namespace toll::http {

namespace {

constexpr std::size_t records_per_read = 50;  ///< a record may be 100 KB long

std::optional<billing::Seq> parse_event_id(std::string_view text) {
  std::int64_t seq = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seq);
  if (error != std::errc() || end != text.data() + text.size() || seq < 0) return std::nullopt;
  return static_cast<billing::Seq>(seq);
}

}  // namespace

Action list_events(const Call& call) {
  QueryReader query(call.parameters);
  const std::int64_t after = query.integer("after", 0, INT64_MAX).value_or(0);
  const std::size_t limit = query.limit();
  if (const auto& error = query.finish()) return invalid_request(*error);
  return AskRows{[after, limit](const persistence::Rows& rows) {
    Reply reply;
    JsonWriter json(reply.body);
    json.begin_object();
    json.key("items").begin_array();
    auto last = static_cast<billing::Seq>(after);
    for (std::size_t count = 0; count < limit;) {
      const auto records = rows.events(last, std::min(limit - count, records_per_read));
      const std::size_t written = write_items(json, reply.body, records, count > 0, write_event);
      if (written > 0) last = records[written - 1].seq;
      count += written;
      if (written < records_per_read) break;  // all of them, or all that fit
    }
    json.end_array();
    json.field("next_after", last);
    json.end_object();
    return reply;
  }};
}

Action stream_events(const Call& call) {
  QueryReader query(call.parameters);
  const std::int64_t after = query.integer("after", 0, INT64_MAX).value_or(0);
  if (const auto& error = query.finish()) return invalid_request(*error);
  if (!call.last_event_id) return Follow{static_cast<billing::Seq>(after)};
  const auto last = parse_event_id(*call.last_event_id);
  if (!last) return invalid_request("The Last-Event-ID is not the id of an event.");
  return Follow{*last};
}

}  // namespace toll::http
