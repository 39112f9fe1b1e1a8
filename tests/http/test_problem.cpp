#include <catch2/catch.hpp>

#include "http/media_type.hpp"
#include "http/problem.hpp"

using namespace toll::http;
using toll::billing::Refusal;

TEST_CASE("a problem document has the five members") {
  const Reply reply = problem(404, "not_found", "There is \"nothing\".");
  CHECK(reply.status == 404);
  CHECK(reply.content_type == "application/problem+json");
  CHECK(reply.body == R"({"type":"urn:toll:problem:not_found","title":"Not Found","status":404,)"
                      R"("detail":"There is \"nothing\".","code":"not_found"})");
}

TEST_CASE("each refusal has its status and code") {
  using Row = std::tuple<Refusal, unsigned, std::string>;
  const auto [refusal, status, code] = GENERATE(table<Refusal, unsigned, std::string>({
      Row{Refusal::session_not_found, 404, "session_not_found"},
      Row{Refusal::subscription_not_found, 404, "subscription_not_found"},
      Row{Refusal::doctor_not_found, 404, "doctor_not_found"},
      Row{Refusal::session_exists, 409, "session_exists"},
      Row{Refusal::no_units, 402, "no_units"},
      Row{Refusal::patient_busy, 409, "patient_busy"},
      Row{Refusal::doctor_busy, 409, "doctor_busy"},
      Row{Refusal::session_over, 409, "session_over"},
      Row{Refusal::session_not_active, 409, "session_not_active"},
      Row{Refusal::not_a_text_session, 400, "invalid_request"},
      Row{Refusal::subscription_exists, 409, "subscription_exists"},
      Row{Refusal::empty_period, 400, "invalid_request"},
      Row{Refusal::too_many_units, 409, "too_many_units"},
      Row{Refusal::currency_fixed, 409, "currency_fixed"},
      Row{Refusal::currency_without_rates, 400, "invalid_request"},
  }));
  const Reply reply = refused(refusal);
  CHECK(reply.status == status);
  CHECK_THAT(reply.body, Catch::Contains("\"code\":\"" + code + "\""));
}

TEST_CASE("problems carry the header that their status asks for") {
  CHECK(unauthenticated().headers == "WWW-Authenticate: Bearer\r\n");
  CHECK(method_not_allowed("GET, PUT").headers == "Allow: GET, PUT\r\n");
  CHECK(unavailable("overloaded", "").headers == "Retry-After: 1\r\n");
}

TEST_CASE("the media type of a body") {
  CHECK(is_json("application/json"));
  CHECK(is_json("Application/JSON ; charset=utf-8"));
  CHECK(is_json(" application/json"));
  CHECK_FALSE(is_json(""));
  CHECK_FALSE(is_json("text/json"));
  CHECK_FALSE(is_json("application/jsonp"));
  CHECK_FALSE(is_json("application/problem+json"));
}
