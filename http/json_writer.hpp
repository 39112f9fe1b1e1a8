// Writes JSON straight into a string: answers are never built as a tree first.
#pragma once

#include <charconv>
#include <concepts>

#include "billing/types.hpp"
#include "http/time_format.hpp"

namespace toll::http {

/// Appends one JSON text to `out`. The caller opens and closes in the right order; commas are put
/// here. Strings must be valid UTF-8.
class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(out) {}

  JsonWriter& begin_object() { return open('{'); }
  JsonWriter& end_object() { return close('}'); }
  JsonWriter& begin_array() { return open('['); }
  JsonWriter& end_array() { return close(']'); }
  JsonWriter& key(std::string_view name);

  JsonWriter& value(std::string_view text);
  JsonWriter& value(double number);
  JsonWriter& value(std::same_as<bool> auto flag) { return raw(flag ? "true" : "false"); }
  template <std::integral T>
  requires(!std::same_as<T, bool>) JsonWriter& value(T number) {
    char text[24];
    return raw({text, std::to_chars(text, text + sizeof text, number).ptr});
  }
  template <class T>
  JsonWriter& value(const std::optional<T>& maybe) {
    return maybe ? value(*maybe) : raw("null");
  }
  JsonWriter& time(billing::Instant at);

  template <class T>
  JsonWriter& field(std::string_view name, const T& content) {
    key(name);
    if constexpr (std::convertible_to<const T&, std::string_view>) {
      return value(std::string_view(content));
    } else {
      return value(content);
    }
  }
  JsonWriter& time_field(std::string_view name, billing::Instant at) { return key(name).time(at); }
  JsonWriter& time_field(std::string_view name, const std::optional<billing::Instant>& at) {
    return at ? time_field(name, *at) : key(name).raw("null");
  }
  /// An array of strings.
  template <class Strings>
  JsonWriter& strings_field(std::string_view name, const Strings& strings) {
    key(name).begin_array();
    for (const auto& string : strings) value(std::string_view(string));
    return end_array();
  }

 private:
  JsonWriter& raw(std::string_view text) {
    comma();
    out_ += text;
    return *this;
  }
  void comma() {
    if (comma_) out_ += ',';
    comma_ = true;
  }
  JsonWriter& open(char bracket) {
    comma();
    out_ += bracket;
    comma_ = false;
    return *this;
  }
  JsonWriter& close(char bracket) {
    out_ += bracket;
    comma_ = true;
    return *this;
  }
  void quote(std::string_view text);

  std::string& out_;
  bool comma_ = false;
};

}  // namespace toll::http
