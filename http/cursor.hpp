// The cursors that clients see: a place in a list, sealed with the list that it belongs to, so that
// one cannot be given to another list or to the same list under another filter.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace toll::http {

/// `list` names the list and all that filters it. Of the characters A-Z a-z 0-9 . _ -
std::string seal_cursor(std::string_view list, const std::string& place);

/// The place; nothing when this is not a cursor of `list`, whole as it was given.
std::optional<std::string> open_cursor(std::string_view list, std::string_view cursor);

}  // namespace toll::http
