// Reads the fields of a JSON object one by one, each with its type and range. Nothing is converted:
// 1.0 is no integer. A field that is null is one that is not there. A field nobody asked for is an
// error, null or not, so that a typo never bills.
#pragma once

#include <functional>

#include "billing/types.hpp"
#include "http/json_value.hpp"

namespace toll::http {

/// The first error wins and is kept in `error`, which several readers of one text may share; after
/// it, fields read as absent, empty or the lower bound, and must not be used.
class ObjectReader {
 public:
  using Error = std::optional<std::string>;

  /// `pointer` is where `value` stands in the text. The value outlives the reader.
  ObjectReader(const JsonValue& value, std::string pointer, Error& error);

  std::string id(std::string_view name);
  std::optional<std::string> optional_id(std::string_view name);
  std::optional<std::vector<std::string>> optional_ids(std::string_view name, std::size_t most);

  /// At most `most` characters (code points).
  std::optional<std::string> optional_text(std::string_view name, std::size_t most);

  std::int64_t integer(std::string_view name, std::int64_t least, std::int64_t most);
  std::optional<std::int64_t> optional_integer(std::string_view name, std::int64_t least,
                                               std::int64_t most);
  std::optional<bool> optional_flag(std::string_view name);
  billing::Instant time(std::string_view name);
  std::optional<billing::Instant> optional_time(std::string_view name);

  /// A string that `parse` understands; `allowed` completes the sentence "/x must be ...".
  template <class Parse>
  auto optional_choice(std::string_view name, Parse parse, std::string_view allowed)
      -> decltype(parse(std::string_view())) {
    const JsonValue* value = find(name);
    if (!value) return std::nullopt;
    auto choice = value->kind == JsonValue::Kind::string ? parse(std::string_view(value->string))
                                                         : std::nullopt;
    if (!choice) fail(name, " must be " + std::string(allowed) + ".");
    return choice;
  }

  /// The object under `name`, if there is one, goes to `read`, which is finished afterwards.
  void optional_object(std::string_view name, const std::function<void(ObjectReader&)>& read);

  /// Each object of the array under `name`, which must be there, goes to `read` likewise.
  void objects(std::string_view name, std::size_t most,
               const std::function<void(ObjectReader&)>& read);

  /// Units per channel; absent channels are 0. False when the field is absent.
  bool units(std::string_view name, billing::Units& units);

  /// An error unless the field is there.
  void require(std::string_view name);

  /// The names that the object has, in order: for objects with free names.
  std::vector<std::string> names() const;

  void fail(std::string_view name, std::string_view what);

  /// Refuses the fields that were not read. Call it last.
  void finish();

 private:
  const JsonValue* find(std::string_view name);
  const JsonValue* find(std::string_view name, JsonValue::Kind kind, std::string_view must_be);

  struct Member {
    const JsonValue* value;
    bool read = false;
  };

  const JsonValue& value_;
  std::string pointer_;
  Error& error_;
  std::vector<Member> members_;  ///< in the order of their names
};

/// The body of a request; an empty one means {}, and so does [], which is how PHP writes an object
/// without members.
class BodyReader {
 public:
  explicit BodyReader(std::string_view body);

  ObjectReader& fields() { return *fields_; }

  /// What is wrong with the body, once every field has been read.
  const ObjectReader::Error& finish() {
    fields_->finish();
    return error_;
  }

 private:
  ParsedJson json_;
  ObjectReader::Error error_;
  std::optional<ObjectReader> fields_;
};

}  // namespace toll::http
