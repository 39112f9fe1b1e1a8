#include <catch2/catch.hpp>

#include "http/time_format.hpp"

using toll::http::append_time;
using toll::http::latest_instant;
using toll::http::parse_time;

namespace {

std::string printed(toll::billing::Instant at) {
  std::string text;
  append_time(text, at);
  return text;
}

}  // namespace

TEST_CASE("times are read and shown in UTC with milliseconds") {
  const auto [text, shown] = GENERATE(table<std::string, std::string>({
      {"2026-01-01T00:10:00Z", "2026-01-01T00:10:00.000Z"},
      {"2026-01-01T00:10:00.5Z", "2026-01-01T00:10:00.500Z"},
      {"2026-01-01T00:10:00.1239999Z", "2026-01-01T00:10:00.123Z"},
      {"2026-01-01t00:10:00z", "2026-01-01T00:10:00.000Z"},
      {"2026-01-01T00:10:00+02:00", "2025-12-31T22:10:00.000Z"},
      {"2025-12-31T22:10:00-02:30", "2026-01-01T00:40:00.000Z"},
      {"2026-01-01T00:10:00-00:00", "2026-01-01T00:10:00.000Z"},
      {"2024-02-29T12:00:00Z", "2024-02-29T12:00:00.000Z"},
      {"2000-02-29T23:59:59.999Z", "2000-02-29T23:59:59.999Z"},
      {"1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000Z"},
      {"9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"},
  }));
  const auto at = parse_time(text);
  REQUIRE(at);
  CHECK(printed(*at) == shown);
}

TEST_CASE("what is no time is refused") {
  const auto text = GENERATE(
      as<std::string>(), "", "now", "2026-01-01", "2026-01-01T00:10:00", "2026-01-01 00:10:00Z",
      "2026-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2100-02-29T00:00:00Z",
      "2026-00-10T00:00:00Z", "2026-13-10T00:00:00Z", "2026-04-31T00:00:00Z",
      "2026-01-00T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z",
      "2026-01-01T00:00:60Z", "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00+24:00",
      "2026-01-01T00:00:00+01:60", "2026-01-01T00:00:00+0100", "2026-01-01T00:00:00ZZ",
      "2026-01-01T00:00:00Z ", " 2026-01-01T00:00:00Z", "1969-12-31T23:59:59Z",
      "1970-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01", "10000-01-01T00:00:00Z",
      "+2026-01-01T00:00:00Z", "0000-01-01T00:00:00Z", "2026-1-1T0:0:0Z", "1767225600000");
  INFO(text);
  CHECK_FALSE(parse_time(text));
}

TEST_CASE("the latest instant is the last of year 9999") {
  CHECK(parse_time("9999-12-31T23:59:59.999Z") == latest_instant);
  CHECK(printed(latest_instant + 1) == "10000-01-01T00:00:00.000Z");
}

TEST_CASE("every day between 1970 and 2110 reads back") {
  for (toll::billing::Instant at = 12'345; at < 140 * 365 * 86'400'000LL; at += 86'400'000) {
    REQUIRE(parse_time(printed(at)) == at);
  }
}
