#include <catch2/catch.hpp>

#include "billing/session.hpp"
#include "http/cursor.hpp"
#include "http/query_reader.hpp"

using namespace toll::http;

namespace {

std::string error_of(const std::vector<Parameter>& parameters) {
  QueryReader query(parameters);
  query.id("patient_id");
  query.choice("status", toll::billing::parse_status, "a status");
  query.integer("after", 0, INT64_MAX);
  query.limit();
  query.cursor("list");
  return query.finish().value_or("");
}

}  // namespace

TEST_CASE("query parameters are read") {
  const std::vector<Parameter> parameters{
      {"limit", "500"}, {"cursor", seal_cursor("list", "12.3")}, {"after", "0"}};
  QueryReader query(parameters);
  CHECK(query.limit() == 500);
  CHECK(query.cursor("list") == "12.3");
  CHECK(query.integer("after", 0, INT64_MAX) == 0);
  CHECK_FALSE(query.finish());
  const std::vector<Parameter> none;
  CHECK(QueryReader(none).limit() == 50);
}

TEST_CASE("unknown, repeated and ill-typed query parameters are refused") {
  const auto [name, value] = GENERATE(table<std::string, std::string>({
      {"limit", "0"},
      {"limit", "501"},
      {"limit", ""},
      {"limit", "1.0"},
      {"limit", "+5"},
      {"limit", " 5"},
      {"limit", "5x"},
      {"limit", "-1"},
      {"limit", "99999999999999999999"},
      {"after", "-1"},
      {"after", "9223372036854775808"},
      {"cursor", ""},
      {"cursor", "a b"},
      {"cursor", "-"},
      {"cursor", "12.3"},
      {"cursor", seal_cursor("other", "12.3")},
      {"cursor", "1" + seal_cursor("list", "12.3")},
      {"patient_id", ""},
      {"patient_id", "a/b"},
      {"status", "ACTIVE"},
      {"status", ""},
      {"page", "1"},
      {"", ""},
      {"\xff\n", "1"},
  }));
  CHECK_FALSE(error_of({{name, value}}).empty());
}

TEST_CASE("a cursor is of the characters that need no escape") {
  const std::string letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
  CHECK(seal_cursor("any list", "12.3").find_first_not_of(letters) == std::string::npos);
}

TEST_CASE("a parameter may be given once") {
  CHECK_THAT(error_of({{"limit", "5"}, {"limit", "5"}}), Catch::Contains("given twice"));
}

TEST_CASE("what comes back of an unknown name is printable") {
  CHECK(error_of({{"a\xff\n", ""}}) ==
        "The query parameter 'a?"
        "?' is not known here.");
}
