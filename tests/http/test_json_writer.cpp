#include <catch2/catch.hpp>

#include "http/json_value.hpp"
#include "http/json_writer.hpp"

using toll::http::JsonWriter;

TEST_CASE("objects, arrays and values are separated by commas") {
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  json.field("a", 1).field("b", "x").field("c", true).field("d", std::optional<int>());
  json.key("e").begin_array().value(1).begin_object().end_object().begin_array().end_array();
  json.end_array();
  json.strings_field("f", std::vector<std::string>{"y", "z"});
  json.time_field("g", 0).time_field("h", std::optional<toll::billing::Instant>());
  json.field("i", std::int64_t{INT64_MIN}).field("j", UINT64_MAX).field("k", 0.5);
  json.end_object();
  CHECK(text == R"({"a":1,"b":"x","c":true,"d":null,"e":[1,{},[]],"f":["y","z"],)"
                R"("g":"1970-01-01T00:00:00.000Z","h":null,"i":-9223372036854775808,)"
                R"("j":18446744073709551615,"k":0.5})");
}

TEST_CASE("every string reads back as it was") {
  std::string every = "ä€😀\"\\/";
  for (char c = 0; c < 0x20; ++c) every += c;
  std::string text;
  JsonWriter(text).value(every);
  const auto parsed = toll::http::parse_json(text);
  REQUIRE_FALSE(parsed.error);
  CHECK(parsed.value.string == every);
}
