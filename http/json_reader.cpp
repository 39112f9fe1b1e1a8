#include "http/json_reader.hpp"

#include <algorithm>

#include "http/time_format.hpp"

namespace toll::http {

namespace {

using Kind = JsonValue::Kind;

constexpr std::string_view an_id = " must be 1 to 64 characters from A-Z a-z 0-9 . _ : -.";

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

}  // namespace

ObjectReader::ObjectReader(const JsonValue& value, std::string pointer, Error& error)
    : value_(value), pointer_(std::move(pointer)), error_(error) {
  if (!error_ && value_.kind != Kind::object) {
    error_ =
        pointer_.empty() ? "The body must be a JSON object." : pointer_ + " must be an object.";
  }
  if (value_.kind != Kind::object) return;
  members_.reserve(value_.items.size());
  for (const JsonValue& member : value_.items) members_.push_back({&member});
  std::sort(members_.begin(), members_.end(), [](const Member& left, const Member& right) {
    return left.value->name < right.value->name;
  });
}

const JsonValue* ObjectReader::find(std::string_view name) {
  const auto found = std::lower_bound(
      members_.begin(), members_.end(), name,
      [](const Member& member, std::string_view wanted) { return member.value->name < wanted; });
  if (found == members_.end() || found->value->name != name) return nullptr;
  found->read = true;
  return error_ || found->value->kind == Kind::null ? nullptr : found->value;
}

const JsonValue* ObjectReader::find(std::string_view name, Kind kind, std::string_view must_be) {
  const JsonValue* value = find(name);
  if (value && value->kind != kind) return fail(name, must_be), nullptr;
  return value;
}

void ObjectReader::fail(std::string_view name, std::string_view what) {
  if (!error_) error_ = join_pointer(pointer_, name) + std::string(what);
}

void ObjectReader::require(std::string_view name) {
  if (!find(name)) fail(name, " is required.");
}

std::string ObjectReader::id(std::string_view name) {
  require(name);
  return optional_id(name).value_or(std::string());
}

std::optional<std::string> ObjectReader::optional_id(std::string_view name) {
  const JsonValue* value = find(name, Kind::string, an_id);
  if (!value) return std::nullopt;
  if (!billing::valid_id(value->string)) return fail(name, an_id), std::nullopt;
  return value->string;
}

std::optional<std::vector<std::string>> ObjectReader::optional_ids(std::string_view name,
                                                                   std::size_t most) {
  const JsonValue* value = find(name, Kind::array, " must be an array of ids.");
  if (!value) return std::nullopt;
  if (value->items.size() > most) {
    return fail(name, " must have at most " + std::to_string(most) + " ids."), std::nullopt;
  }
  std::vector<std::string> ids;
  ids.reserve(value->items.size());
  for (const JsonValue& item : value->items) {
    if (item.kind != Kind::string || !billing::valid_id(item.string)) {
      error_ = join_pointer(join_pointer(pointer_, name), std::to_string(ids.size())) +
               std::string(an_id);
      return std::nullopt;
    }
    ids.push_back(item.string);
  }
  return ids;
}

std::optional<std::string> ObjectReader::optional_text(std::string_view name, std::size_t most) {
  const std::string must_be =
      " must be a string of at most " + std::to_string(most) + " characters.";
  const JsonValue* value = find(name, Kind::string, must_be);
  if (!value) return std::nullopt;
  if (characters(value->string) > most) return fail(name, must_be), std::nullopt;
  return value->string;
}

std::int64_t ObjectReader::integer(std::string_view name, std::int64_t least, std::int64_t most) {
  require(name);
  return optional_integer(name, least, most).value_or(least);
}

std::optional<std::int64_t> ObjectReader::optional_integer(std::string_view name,
                                                           std::int64_t least, std::int64_t most) {
  const JsonValue* value = find(name);
  if (!value) return std::nullopt;
  if (value->kind != Kind::integer || value->integer < least || value->integer > most) {
    fail(name,
         " must be an integer from " + std::to_string(least) + " to " + std::to_string(most) + ".");
    return std::nullopt;
  }
  return value->integer;
}

std::optional<bool> ObjectReader::optional_flag(std::string_view name) {
  const JsonValue* value = find(name, Kind::boolean, " must be true or false.");
  return value ? std::optional(value->boolean) : std::nullopt;
}

billing::Instant ObjectReader::time(std::string_view name) {
  require(name);
  return optional_time(name).value_or(0);
}

std::optional<billing::Instant> ObjectReader::optional_time(std::string_view name) {
  return optional_choice(name, parse_time,
                         "an RFC 3339 time such as 2026-01-01T00:10:00.000Z, from 1970 to 9999");
}

void ObjectReader::objects(std::string_view name, std::size_t most,
                           const std::function<void(ObjectReader&)>& read) {
  require(name);
  const JsonValue* value = find(name, Kind::array, " must be an array of objects.");
  if (!value) return;
  if (value->items.size() > most) {
    return fail(name, " must have at most " + std::to_string(most) + " objects.");
  }
  const std::string pointer = join_pointer(pointer_, name);
  for (std::size_t i = 0; i < value->items.size(); ++i) {
    ObjectReader item(value->items[i], join_pointer(pointer, std::to_string(i)), error_);
    read(item);
    item.finish();
  }
}

void ObjectReader::optional_object(std::string_view name,
                                   const std::function<void(ObjectReader&)>& read) {
  const JsonValue* value = find(name, Kind::object, " must be an object.");
  if (!value) return;
  ObjectReader fields(*value, join_pointer(pointer_, name), error_);
  read(fields);
  fields.finish();
}

bool ObjectReader::units(std::string_view name, billing::Units& units) {
  bool present = false;
  optional_object(name, [&](ObjectReader& fields) {
    present = true;
    for (const billing::Channel channel : billing::channels) {
      units[index(channel)] =
          fields.optional_integer(billing::name(channel), 0, billing::max_units).value_or(0);
    }
  });
  return present;
}

std::vector<std::string> ObjectReader::names() const {
  std::vector<std::string> names;
  for (const JsonValue& member : value_.items) names.push_back(member.name);
  return names;
}

void ObjectReader::finish() {
  const JsonValue* first = nullptr;  // in the text, of those that nobody asked for
  for (const Member& member : members_) {
    if (!member.read && (!first || member.value < first)) first = member.value;
  }
  if (first) fail(first->name, " is not a field here.");
}

BodyReader::BodyReader(std::string_view body) {
  if (body.empty()) {
    json_.value.kind = Kind::object;
  } else {
    json_ = parse_json(body);
    error_ = json_.error;
    if (json_.value.kind == Kind::array && json_.value.items.empty()) {
      json_.value.kind = Kind::object;
    }
  }
  fields_.emplace(json_.value, std::string(), error_);
}

}  // namespace toll::http
