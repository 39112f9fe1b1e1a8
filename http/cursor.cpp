#include "http/cursor.hpp"

#include "access/digest.hpp"

namespace toll::http {

namespace {

/// Cursors guard against mistakes, not against forgery: a page shows nothing that the list does
/// not.
constexpr std::size_t seal_characters = 12;

std::string seal(std::string_view list, std::string_view place) {
  return access::hex(access::sha256(std::string(list) + '\n' + std::string(place)))
      .substr(0, seal_characters);
}

}  // namespace

std::string seal_cursor(std::string_view list, const std::string& place) {
  return place + '-' + seal(list, place);
}

std::optional<std::string> open_cursor(std::string_view list, std::string_view cursor) {
  const std::size_t dash = cursor.rfind('-');
  if (dash == cursor.npos) return std::nullopt;
  const std::string_view place = cursor.substr(0, dash);
  if (cursor.substr(dash + 1) != seal(list, place)) return std::nullopt;
  return std::string(place);
}

}  // namespace toll::http
