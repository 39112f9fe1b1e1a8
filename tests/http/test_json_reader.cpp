#include <catch2/catch.hpp>

#include "http/json_reader.hpp"

using namespace toll::http;
using Strings = std::vector<std::string>;

namespace {

/// Reads a request with one field of every kind, and says what is wrong with it.
std::string error_of(const std::string& text) {
  BodyReader body(text);
  ObjectReader& fields = body.fields();
  fields.optional_id("id");
  fields.optional_ids("ids", 2);
  fields.optional_text("text", 3);
  fields.optional_integer("n", -5, 10);
  fields.optional_flag("flag");
  fields.optional_time("at");
  toll::billing::Units units{};
  fields.units("units", units);
  return body.finish().value_or("");
}

}  // namespace

TEST_CASE("a well-formed body is read") {
  BodyReader body(R"( {"id":"a.b_c:d-9","ids":["x","y"],"text":"äöü","n":-5,"flag":false,
                       "at":"2026-01-01T00:00:00Z","units":{"voice":7}} )");
  ObjectReader& fields = body.fields();
  CHECK(fields.id("id") == "a.b_c:d-9");
  CHECK(fields.optional_ids("ids", 2) == Strings{"x", "y"});
  CHECK(fields.optional_text("text", 3) == "äöü");
  CHECK(fields.integer("n", -5, 10) == -5);
  CHECK(fields.optional_flag("flag") == false);
  CHECK(fields.time("at") == 1'767'225'600'000);
  toll::billing::Units units{};
  CHECK(fields.units("units", units));
  CHECK(units == toll::billing::Units{0, 7, 0});
  CHECK_FALSE(body.finish());
}

TEST_CASE("an empty body means an empty object, and so does an empty array") {
  for (const std::string body : {"", "{}", "[]", " [ ] "}) {
    INFO(body);
    CHECK(error_of(body).empty());
  }
}

TEST_CASE("a field that is null is not there") {
  CHECK(error_of(R"({"id":null,"ids":null,"text":null,"n":null,"flag":null,"at":null,
                     "units":null})")
            .empty());
  CHECK(error_of(R"({"units":{"text":null}})").empty());
  CHECK(error_of(R"({"unknown":null})") == "/unknown is not a field here.");
  CHECK(error_of(R"({"ids":[null]})") ==
        "/ids/0 must be 1 to 64 characters from A-Z a-z 0-9 . _ : -.");
  BodyReader body(R"({"patient_id":null})");
  body.fields().id("patient_id");
  CHECK(body.finish() == "/patient_id is required.");
}

TEST_CASE("what is not exactly right is refused, and the detail says where") {
  const auto [text, detail] = GENERATE(table<std::string, std::string>({
      {"[1]", "The body must be a JSON object."},
      {"[[]]", "The body must be a JSON object."},
      {R"({"units":[]})", "/units must be an object"},
      {"null", "The body must be a JSON object."},
      {std::string("{}\0", 3), "Not valid JSON at byte 3."},
      {std::string("{\"id\":\"a\"}\0{", 12), "Not valid JSON at byte 11."},
      {R"({"id":1e400})", "/id is out of range."},
      {R"({"ids":["a",1e400]})", "/ids/1 is out of range."},
      {"\"id\"", "The body must be a JSON object."},
      {R"({"id":1})", "/id must be 1 to 64"},
      {R"({"id":""})", "/id must be 1 to 64"},
      {R"({"id":"a b"})", "/id must be 1 to 64"},
      {R"({"id":"a\u0000"})", "/id must be 1 to 64"},
      {R"({"id":")" + std::string(65, 'a') + "\"}", "/id must be 1 to 64"},
      {R"({"ids":{}})", "/ids must be an array"},
      {R"({"ids":["a","b","c"]})", "/ids must have at most 2"},
      {R"({"ids":["a",2]})", "/ids/1 must be 1 to 64"},
      {R"({"text":"abcd"})", "/text must be a string of at most 3"},
      {R"({"text":["a"]})", "/text must be a string of at most 3"},
      {R"({"n":11})", "/n must be an integer from -5 to 10"},
      {R"({"n":-6})", "/n must be an integer from -5 to 10"},
      {R"({"n":1.0})", "/n must be an integer"},
      {R"({"n":1e0})", "/n must be an integer"},
      {R"({"n":"1"})", "/n must be an integer"},
      {R"({"n":true})", "/n must be an integer"},
      {R"({"n":9223372036854775808})", "/n must be an integer"},
      {R"({"n":18446744073709551615})", "/n must be an integer"},
      {R"({"n":18446744073709551617})", "/n must be an integer"},
      {R"({"n":-9223372036854775809})", "/n must be an integer"},
      {R"({"n":1e999})", "/n is out of range."},
      {R"({"flag":1})", "/flag must be true or false"},
      {R"({"flag":"true"})", "/flag must be true or false"},
      {R"({"at":0})", "/at must be an RFC 3339 time"},
      {R"({"at":"tomorrow"})", "/at must be an RFC 3339 time"},
      {R"({"units":5})", "/units must be an object"},
      {R"({"units":{"text":-1}})", "/units/text must be an integer"},
      {R"({"units":{"text":1000000001}})", "/units/text must be an integer"},
      {R"({"units":{"chat":1}})", "/units/chat is not a field"},
      {R"({"Id":"a"})", "/Id is not a field"},
      {R"({"a/b~c":1})", "/a~1b~0c is not a field"},
      {R"({"id":"a","id":"a"})", "/id is named twice"},
      {R"({"units":{"text":1,"text":1}})", "/units/text is named twice"},
      {R"({"ids":[{"a":1},{"b":1,"b":2}]})", "/ids/1/b is named twice"},
      {R"({"id":"a"} x)", "Not valid JSON"},
      {R"({"id":"a"}{})", "Not valid JSON"},
      {R"({"id":"a",})", "Not valid JSON"},
      {R"({"id":)", "Not valid JSON"},
      {R"({'id':'a'})", "Not valid JSON"},
      {"{\"text\":\"\xff\"}", "Not valid JSON"},
      {"{\"text\":\"\xc0\x80\"}", "Not valid JSON"},
      {"{\"text\":\"\xed\xa0\x80\"}", "Not valid JSON"},
      {R"({"text":"\ud800"})", "Not valid JSON"},
      {"{\"text\":\"\n\"}", "Not valid JSON"},
      {R"({"n":NaN})", "Not valid JSON"},
      {R"({"n":01})", "Not valid JSON"},
      {R"({"n":+1})", "Not valid JSON"},
      {"{/*a*/}", "Not valid JSON"},
      {" ", "Not valid JSON"},
  }));
  INFO(text);
  CHECK_THAT(error_of(text), Catch::StartsWith(detail));
}

TEST_CASE("a missing field is named") {
  BodyReader body("{}");
  CHECK(body.fields().id("patient_id").empty());
  CHECK(body.finish() == "/patient_id is required.");
}

TEST_CASE("the first error stays") {
  BodyReader body(R"({"b":1})");
  body.fields().id("a");
  body.fields().optional_flag("b");
  CHECK(body.finish() == "/a is required.");
}

TEST_CASE("nesting, values and fields are bounded") {
  CHECK(parse_json(std::string(1000, '[')).error == "The JSON text is nested too deeply.");
  std::string values = "[0";
  for (std::size_t i = 0; i < max_json_values; ++i) values += ",0";
  CHECK(parse_json(values + "]").error == "The JSON text has too many values.");
  std::string members = "{\"a\":0";
  for (std::size_t i = 0; i < max_json_members; ++i) members += ",\"" + std::to_string(i) + "\":0";
  CHECK(parse_json(members + "}").error == "An object has too many fields.");
}

TEST_CASE("of many fields the one that is named twice is found, wherever it stands") {
  const std::string alike(400, 'x');  // names that differ at their ends only
  for (const int count : {2, 3, 9, 100, 256}) {
    for (const int place : {0, 1, count / 2, count - 2}) {
      if (place > count - 2) continue;
      std::string members;
      const auto name = [&](int i) { return alike + std::to_string(i); };
      for (int i = 0; i < count - 1; ++i) members += "\"" + name(i) + "\":{},";
      INFO(count << " fields, the last one as that at " << place);
      const auto once = parse_json("{" + members + "\"" + name(count) + "\":{}}");
      CHECK_FALSE(once.error);
      CHECK(once.value.items.size() == static_cast<std::size_t>(count));
      CHECK(once.value.items.front().name == name(0));  // in the order of the text
      const auto twice = parse_json("{" + members + "\"" + name(place) + "\":{}}");
      REQUIRE(twice.error);
      CHECK_THAT(*twice.error, Catch::EndsWith(" is named twice."));
    }
  }
  CHECK(parse_json(R"({"a":1,"b":{"c":1,"d":2,"c":3}})").error == "/b/c is named twice.");
  CHECK(parse_json(R"([{},{"":1,"":2}])").error == "/1/ is named twice.");
}

TEST_CASE("of many fields that nobody asked for the first one is named") {
  std::string members = "\"zz\":1,\"flag\":true";
  for (int i = 0; i < 200; ++i) members += ",\"a" + std::to_string(i) + "\":1";
  CHECK(error_of("{" + members + "}") == "/zz is not a field here.");
}

TEST_CASE("a long unknown name is cut between characters") {
  std::string name = "a";
  for (int i = 0; i < 100; ++i) name += "ä";
  const std::string pointer = join_pointer("", name);
  CHECK(pointer.size() == 1 + 99 + 3);
  CHECK(pointer.substr(pointer.size() - 5) == "ä...");
}
