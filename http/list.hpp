// A page of a list as an answer. It ends early where it would become too long to keep in memory for
// a client that does not read.
#pragma once

#include "http/cursor.hpp"
#include "http/json_writer.hpp"
#include "http/problem.hpp"
#include "persistence/rows.hpp"

namespace toll::http {

/// Bytes of an answer that is a list, its head included.
inline constexpr std::size_t most_page = 1u << 20;

inline Reply unreadable_cursor() {
  return invalid_request("The query parameter 'cursor' is not a cursor of this list.");
}

/// "next_cursor" of a page: sealed with its list.
inline void write_next(JsonWriter& json, std::string_view list,
                       const std::optional<std::string>& next) {
  json.field("next_cursor", next ? std::optional(seal_cursor(list, *next)) : std::nullopt);
}

/// Appends items to an array in `out` while they fit into a page; `write` writes one. At least one,
/// whatever its length, unless the array `has_some`. How many there are.
template <class Item, class Write>
std::size_t write_items(JsonWriter& json, std::string& out, const std::vector<Item>& items,
                        bool has_some, Write write) {
  constexpr std::size_t head_and_end = 8 * 1024;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const std::size_t before = out.size();
    write(json, items[i]);
    if (out.size() > most_page - head_and_end && (has_some || i > 0)) {
      out.resize(before);  // with the comma: the array can go on or end here
      return i;
    }
  }
  return items.size();
}

/// {"items": [...], "next_cursor": "..." | null}; `write` writes one item, and `fetch(limit)` gives
/// a page of at most so many from the place where this one begins.
template <class Fetch, class Write>
Reply list_reply(std::string_view list, std::size_t limit, Fetch fetch, Write write) {
  auto page = fetch(limit);
  if (!page) return unreadable_cursor();
  Reply reply;
  JsonWriter json(reply.body);
  json.begin_object();
  json.key("items").begin_array();
  const std::size_t written = write_items(json, reply.body, page->items, false, write);
  json.end_array();
  // The page of those that fitted says where the next one begins.
  if (written < page->items.size()) page = fetch(written);
  write_next(json, list, page->next);
  json.end_object();
  return reply;
}

}  // namespace toll::http
