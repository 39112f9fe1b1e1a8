#include "http/json_writer.hpp"

#include <algorithm>
#include <cmath>

namespace toll::http {

namespace {

bool must_escape(char c) { return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\'; }

}  // namespace

JsonWriter& JsonWriter::key(std::string_view name) {
  comma();
  quote(name);
  out_ += ':';
  comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::value(std::string_view text) {
  comma();
  quote(text);
  return *this;
}

JsonWriter& JsonWriter::value(double number) {
  if (!std::isfinite(number)) return raw("null");
  char text[40];
  return raw({text, std::to_chars(text, text + sizeof text, number).ptr});
}

JsonWriter& JsonWriter::time(billing::Instant at) {
  comma();
  out_ += '"';
  append_time(out_, at);
  out_ += '"';
  return *this;
}

void JsonWriter::quote(std::string_view text) {
  out_ += '"';
  if (std::none_of(text.begin(), text.end(), must_escape)) {
    out_ += text;
  } else {
    static constexpr char hex[] = "0123456789abcdef";
    for (const char c : text) {
      if (c == '"' || c == '\\') {
        out_ += '\\';
        out_ += c;
      } else if (must_escape(c)) {
        out_ += "\\u00";
        out_ += hex[static_cast<unsigned char>(c) >> 4];
        out_ += hex[c & 15];
      } else {
        out_ += c;
      }
    }
  }
  out_ += '"';
}

}  // namespace toll::http
