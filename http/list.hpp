// A page of a list as an answer.
#pragma once

#include "http/json_writer.hpp"
#include "http/problem.hpp"
#include "persistence/rows.hpp"

namespace toll::http {

inline Reply unreadable_cursor() {
  return invalid_request("The query parameter 'cursor' is not a cursor of this list.");
}

/// {"items": [...], "next_cursor": "..." | null}; `write` writes one item.
template <class Item, class Write>
Reply list_reply(const persistence::Page<Item>& page, Write write) {
  Reply reply;
  JsonWriter json(reply.body);
  json.begin_object();
  json.key("items").begin_array();
  for (const Item& item : page.items) write(json, item);
  json.end_array();
  json.field("next_cursor", page.next);
  json.end_object();
  return reply;
}

}  // namespace toll::http
