#include "http/json_value.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace toll::http {

namespace {

using Kind = JsonValue::Kind;

/// Builds the tree from the parser's events. `open_` points at the containers that are not closed
/// yet; a container cannot move while it is open, because its parent does not grow then.
class TreeBuilder final : public nlohmann::json_sax<nlohmann::json> {
 public:
  explicit TreeBuilder(ParsedJson& parsed) : parsed_(parsed) {}

  bool null() override { return add(Kind::null) != nullptr; }
  bool boolean(bool flag) override {
    JsonValue* value = add(Kind::boolean);
    if (value) value->boolean = flag;
    return value;
  }
  bool number_integer(number_integer_t number) override {
    JsonValue* value = add(Kind::integer);
    if (value) value->integer = number;
    return value;
  }
  bool number_unsigned(number_unsigned_t number) override {
    if (number > INT64_MAX) return add(Kind::number);
    return number_integer(static_cast<number_integer_t>(number));
  }
  bool number_float(number_float_t, const string_t&) override { return add(Kind::number); }
  bool string(string_t& text) override {
    JsonValue* value = add(Kind::string);
    if (value) value->string = std::move(text);
    return value;
  }
  bool binary(binary_t&) override { return false; }

  bool start_object(std::size_t) override { return open(Kind::object); }
  bool start_array(std::size_t) override { return open(Kind::array); }
  bool end_object() override {
    const std::string_view* const twice = named_twice(*open_.back());
    if (twice) return fail(join_pointer(pointer(), *twice) + " is named twice.");
    return open_.pop_back(), true;
  }
  bool end_array() override { return open_.pop_back(), true; }

  bool key(string_t& name) override {
    if (open_.back()->items.size() == max_json_members) {
      return fail("An object has too many fields.");
    }
    name_ = std::move(name);
    return true;
  }

  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::json::exception& error) override {
    if (error.id == number_overflow) return fail(here() + " is out of range.");
    return fail("Not valid JSON at byte " + std::to_string(position) + ".");
  }

 private:
  static constexpr int number_overflow = 406;  ///< nlohmann's number for it

  bool fail(std::string why) {
    if (!parsed_.error) parsed_.error = std::move(why);
    return false;
  }

  JsonValue* add(Kind kind) {
    if (++values_ > max_json_values) return fail("The JSON text has too many values."), nullptr;
    JsonValue* value = &parsed_.value;
    if (!open_.empty()) {
      value = &open_.back()->items.emplace_back();
      value->name = std::move(name_);
      name_.clear();
    }
    value->kind = kind;
    return value;
  }

  bool open(Kind kind) {
    if (open_.size() == max_json_depth) return fail("The JSON text is nested too deeply.");
    JsonValue* value = add(kind);
    if (value) open_.push_back(value);
    return value;
  }

  /// A name that two members have, if there is one. Sorted: comparing each with each would let one
  /// request keep the io thread for as long as thousands of others.
  const std::string_view* named_twice(const JsonValue& object) {
    names_.clear();
    for (const JsonValue& member : object.items) names_.push_back(member.name);
    std::sort(names_.begin(), names_.end());
    const auto twice = std::adjacent_find(names_.begin(), names_.end());
    return twice == names_.end() ? nullptr : &*twice;
  }

  /// Of the container that is being read.
  std::string pointer() const {
    std::string path;
    for (std::size_t i = 1; i < open_.size(); ++i) {
      const JsonValue& parent = *open_[i - 1];
      path =
          join_pointer(path, parent.kind == Kind::object ? open_[i]->name
                                                         : std::to_string(parent.items.size() - 1));
    }
    return path;
  }

  /// Of the value that comes next.
  std::string here() const {
    if (open_.empty()) return "The number";
    const JsonValue& parent = *open_.back();
    return join_pointer(pointer(),
                        parent.kind == Kind::object ? name_ : std::to_string(parent.items.size()));
  }

  ParsedJson& parsed_;
  std::vector<JsonValue*> open_;
  std::string name_;
  std::vector<std::string_view> names_;  ///< of the object that ends
  std::size_t values_ = 0;
};

}  // namespace

ParsedJson parse_json(std::string_view text) {
  ParsedJson parsed;
  // The parser takes a zero byte for the end, and would not see what stands behind it.
  if (const auto zero = text.find('\0'); zero != text.npos) {
    parsed.error = "Not valid JSON at byte " + std::to_string(zero + 1) + ".";
    return parsed;
  }
  TreeBuilder builder(parsed);
  if (!nlohmann::json::sax_parse(text.begin(), text.end(), &builder) && !parsed.error) {
    parsed.error = "Not valid JSON.";
  }
  return parsed;
}

std::string join_pointer(std::string_view pointer, std::string_view token) {
  std::size_t length = std::min<std::size_t>(token.size(), 100);
  // Cut between characters: a detail is UTF-8 too.
  while (length < token.size() && length > 0 && (token[length] & 0xC0) == 0x80) --length;
  std::string joined(pointer);
  joined += '/';
  for (const char c : token.substr(0, length)) {
    if (c == '~') {
      joined += "~0";
    } else if (c == '/') {
      joined += "~1";
    } else {
      joined += c;
    }
  }
  if (length < token.size()) joined += "...";
  return joined;
}

}  // namespace toll::http
