#include "http/query_reader.hpp"

#include <algorithm>
#include <charconv>

#include "http/cursor.hpp"

namespace toll::http {

QueryReader::QueryReader(const std::vector<Parameter>& parameters) : parameters_(parameters) {}

const std::string* QueryReader::find(std::string_view name) {
  read_.push_back(name);
  const std::string* value = nullptr;
  for (const Parameter& parameter : parameters_) {
    if (parameter.name != name) continue;
    if (value) return fail(name, "is given twice"), nullptr;
    value = &parameter.value;
  }
  return value;
}

void QueryReader::fail(std::string_view name, std::string_view what) {
  if (error_) return;
  // An unknown name comes from the client: only a harmless part of it goes back.
  std::string shown(name.substr(0, 40));
  std::replace_if(
      shown.begin(), shown.end(), [](char c) { return c < 0x20 || c > 0x7E; }, '?');
  error_ = "The query parameter '" + shown + "' " + std::string(what) + ".";
}

std::optional<std::string> QueryReader::id(std::string_view name) {
  const std::string* value = find(name);
  if (!value) return std::nullopt;
  if (!billing::valid_id(*value)) {
    return fail(name, "must be 1 to 64 characters from A-Z a-z 0-9 . _ : -"), std::nullopt;
  }
  return *value;
}

std::optional<std::int64_t> QueryReader::integer(std::string_view name, std::int64_t least,
                                                 std::int64_t most) {
  const std::string* value = find(name);
  if (!value) return std::nullopt;
  std::int64_t number = 0;
  const char* end = value->data() + value->size();
  const auto [stop, failure] = std::from_chars(value->data(), end, number);
  if (failure != std::errc() || stop != end || number < least || number > most) {
    fail(name, "must be an integer from " + std::to_string(least) + " to " + std::to_string(most));
    return std::nullopt;
  }
  return number;
}

bool QueryReader::flag(std::string_view name) {
  const std::string* value = find(name);
  if (!value || *value == "false") return false;
  if (!value->empty() && *value != "true") fail(name, "must be true or false");
  return true;
}

std::size_t QueryReader::limit() {
  return static_cast<std::size_t>(integer("limit", 1, 500).value_or(50));
}

std::optional<std::string> QueryReader::cursor(std::string_view list) {
  const std::string* value = find("cursor");
  if (!value) return std::nullopt;
  auto place = open_cursor(list, *value);
  if (!place) fail("cursor", "is not a cursor of this list");
  return place;
}

const std::optional<std::string>& QueryReader::finish() {
  for (const Parameter& parameter : parameters_) {
    if (std::find(read_.begin(), read_.end(), parameter.name) == read_.end()) {
      fail(parameter.name, "is not known here");
    }
  }
  return error_;
}

}  // namespace toll::http
