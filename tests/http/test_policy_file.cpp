#include <catch2/catch.hpp>

#include "http/policy_file.hpp"

using namespace toll;
using http::parse_policy;

namespace {

const billing::Currency kes{{'K', 'E', 'S'}};

}  // namespace

TEST_CASE("an empty policy file is the default policy") {
  const auto text = parse_policy("{}");
  CHECK_FALSE(text.error);
  CHECK(text.policy == billing::Policy{});
}

TEST_CASE("a policy file is merged field by field") {
  const auto text = parse_policy(
      R"({"interval_s": 60, "manual_unit": false, "min_billable_s": {"voice": 0},
          "response_window_s": 1, "ring_timeout_s": 2, "waiting_limit_s": 3,
          "expiry_policy": "strict", "downtime_policy": "cap:2", "known_doctors_only": true,
          "rates": {"USD": {"video": 400}, "KES": {"text": 1, "voice": 2, "video": 3}}})");
  REQUIRE_FALSE(text.error);
  billing::Policy expected;
  expected.interval_s = 60;
  expected.manual_unit = false;
  expected.min_billable_s = {0, 0, 60};
  expected.response_window_s = 1;
  expected.ring_timeout_s = 2;
  expected.waiting_limit_s = 3;
  expected.expiry = billing::ExpiryPolicy::strict;
  expected.downtime.cap = 2;
  expected.known_doctors_only = true;
  expected.rates[billing::Currency{{'U', 'S', 'D'}}] = {300, 300, 400};
  expected.rates[kes] = {1, 2, 3};
  CHECK(text.policy == expected);
}

TEST_CASE("what a policy file says can be written and read again") {
  auto text = parse_policy(R"({"downtime_policy": "forgive", "rates": {"KES":
                               {"text": 1, "voice": 2, "video": 3}}})");
  std::string written;
  http::JsonWriter json(written);
  http::write_policy(json, text.policy);
  CHECK(parse_policy(written).policy == text.policy);
  CHECK(text.policy.downtime.cap == 0);
}

TEST_CASE("a mistake in a policy file names the field") {
  const auto [text, error] = GENERATE(table<std::string, std::string>({
      {R"({"interval": 600})", "/interval is not a field"},
      {R"({"interval_s": 0})", "/interval_s must be an integer"},
      {R"({"interval_s": 31536001})", "/interval_s must be an integer"},
      {R"({"interval_s": "600"})", "/interval_s must be an integer"},
      {R"({"interval_s": 600.0})", "/interval_s must be an integer"},
      {R"({"manual_unit": 1})", "/manual_unit must be true or false"},
      {R"({"min_billable_s": 60})", "/min_billable_s must be an object"},
      {R"({"min_billable_s": {"fax": 1}})", "/min_billable_s/fax is not a field"},
      {R"({"min_billable_s": {"text": -1}})", "/min_billable_s/text must be"},
      {R"({"ring_timeout_s": 0})", "/ring_timeout_s must be"},
      {R"({"expiry_policy": "none"})", "/expiry_policy must be"},
      {R"({"downtime_policy": "cap:"})", "/downtime_policy must be"},
      {R"({"downtime_policy": "cap:-1"})", "/downtime_policy must be"},
      {R"({"downtime_policy": "cap:1000000001"})", "/downtime_policy must be"},
      {R"({"downtime_policy": 0})", "/downtime_policy must be"},
      {R"({"rates": {"usd": {}}})", "/rates/usd must be a currency"},
      {R"({"rates": {"USD": {"text": 1000000001}}})", "/rates/USD/text must be"},
      {R"({"rates": {"USD": 300}})", "/rates/USD must be an object"},
      {R"({"rates": {"USD": {"fax": 300}}})", "/rates/USD/fax is not a field"},
      {R"({"rates": {"KES": {"text": 1, "voice": 2}}})", "/rates/KES/video is required"},
      {R"({"interval_s": 1, "interval_s": 1})", "/interval_s is named twice"},
      {"[]", "The body must be"},
      {"", "Not valid JSON"},
  }));
  INFO(text);
  CHECK_THAT(parse_policy(text).error.value_or(""), Catch::StartsWith(error));
}

TEST_CASE("a policy file that is not there is an error") {
  CHECK(http::read_policy_file("/nonexistent/policy.json").error);
}
