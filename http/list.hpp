// A page of a list as an answer.
#pragma once

#include "http/cursor.hpp"
#include "http/json_writer.hpp"
#include "http/problem.hpp"
#include "persistence/rows.hpp"

namespace toll::http {

inline Reply unreadable_cursor() {
  return invalid_request("The query parameter 'cursor' is not a cursor of this list.");
}

/// "next_cursor" of a page: sealed with its list.
inline void write_next(JsonWriter& json, std::string_view list,
                       const std::optional<std::string>& next) {
  json.field("next_cursor", next ? std::optional(seal_cursor(list, *next)) : std::nullopt);
}

/// {"items": [...], "next_cursor": "..." | null}; `write` writes one item.
template <class Item, class Write>
Reply list_reply(std::string_view list, const persistence::Page<Item>& page, Write write) {
  Reply reply;
  JsonWriter json(reply.body);
  json.begin_object();
  json.key("items").begin_array();
  for (const Item& item : page.items) write(json, item);
  json.end_array();
  write_next(json, list, page.next);
  json.end_object();
  return reply;
}

}  // namespace toll::http
