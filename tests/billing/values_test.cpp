// The scalar vocabulary: ids, names, currencies, checked arithmetic, refusal codes.
#include <catch2/catch.hpp>
#include <limits>

#include "billing/assert.hpp"
#include "tests/billing/dies.hpp"
#include "tests/billing/world.hpp"

namespace toll::tests {

namespace {

constexpr auto most = std::numeric_limits<std::int64_t>::max();
constexpr auto least = std::numeric_limits<std::int64_t>::min();
volatile std::int64_t sink = 0;

}  // namespace

TEST_CASE("ids") {
  CHECK(valid_id("a"));
  CHECK(valid_id("AZaz09._:-"));
  CHECK(valid_id(std::string(64, 'x')));
  CHECK(valid_id("..."));
  for (const char* none : {"", ".", ".."}) CHECK_FALSE(valid_id(none));
  CHECK_FALSE(valid_id(std::string(65, 'x')));
  for (int c = 0; c < 256; ++c) {
    const char byte = static_cast<char>(c);
    const bool allowed = (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') ||
                         (byte >= 'a' && byte <= 'z') ||
                         (c != 0 && std::string("._:-").find(byte) != std::string::npos);
    CAPTURE(c);
    CHECK(valid_id(std::string("a") + byte) == allowed);
  }
}

TEST_CASE("names are parsed as they are written") {
  for (const Channel channel : channels) CHECK(parse_channel(name(channel)) == channel);
  for (const Status status : statuses) CHECK(parse_status(name(status)) == status);
  for (const Party party : {Party::patient, Party::doctor, Party::server}) {
    CHECK(parse_party(name(party)) == party);
  }
  CHECK(name(Channel::video) == "video");
  CHECK(name(Status::expired) == "expired");
  CHECK(name(EndReason::exhausted) == "exhausted");
  for (const char* wrong : {"", "Text", "text ", "TEXT", "nobody"}) {
    CHECK_FALSE(parse_channel(wrong));
    CHECK_FALSE(parse_status(wrong));
    CHECK_FALSE(parse_party(wrong));
  }
}

TEST_CASE("currencies are three capital letters") {
  REQUIRE(parse_currency("USD"));
  CHECK(parse_currency("USD")->view() == "USD");
  CHECK(default_currency.view() == "MWK");
  for (const char* wrong : {"", "US", "USDX", "usd", "U$D", "US "}) {
    CHECK_FALSE(parse_currency(wrong));
  }
}

TEST_CASE("sums and products are exact or end the process") {
  CHECK(checked_add(most - 1, 1) == most);
  CHECK(checked_add(least + 1, -1) == least);
  CHECK(checked_mul(most / 2, 2) == most - 1);
  CHECK(checked_mul(-3, 7) == -21);
  CHECK(dies([] { sink = checked_add(most, 1); }));
  CHECK(dies([] { sink = checked_add(least, -1); }));
  CHECK(dies([] { sink = checked_mul(most / 2 + 1, 2); }));
  CHECK(dies([] { sink = checked_mul(least, -1); }));
}

TEST_CASE("earnings that would wrap end the process") {
  Doctor doctor;
  doctor.id = "d";
  doctor.earned = most - 1;
  const Hold held{"s1", ""};
  const Money pay{2, default_currency};
  CHECK(dies([&] {
    apply(doctor, Charged{"x", 3, Channel::text, 1, 1, held, held, "d", pay, "timer"});
  }));
}

TEST_CASE("assertions stay on in every build") {
  CHECK(dies([] { TOLL_ASSERT(sink != 0 && "false on purpose"); }));
  CHECK_FALSE(dies([] { TOLL_ASSERT(true); }));
}

TEST_CASE("asking for what was never recorded ends the process") {
  CHECK(dies([] { PolicyBook().at(1); }));
  CHECK(dies([] { Policy().rate({{'E', 'U', 'R'}}, Channel::text); }));
}

TEST_CASE("refusals carry the codes of the API and a sentence") {
  const std::pair<Refusal, std::string_view> expected[] = {
      {Refusal::session_not_found, "session_not_found"},
      {Refusal::subscription_not_found, "subscription_not_found"},
      {Refusal::doctor_not_found, "doctor_not_found"},
      {Refusal::session_exists, "session_exists"},
      {Refusal::no_units, "no_units"},
      {Refusal::patient_busy, "patient_busy"},
      {Refusal::doctor_busy, "doctor_busy"},
      {Refusal::session_over, "session_over"},
      {Refusal::session_not_active, "session_not_active"},
      {Refusal::not_a_text_session, "invalid_request"},
      {Refusal::subscription_exists, "subscription_exists"},
      {Refusal::empty_period, "invalid_request"},
      {Refusal::too_many_units, "too_many_units"},
      {Refusal::currency_fixed, "currency_fixed"},
      {Refusal::currency_without_rates, "invalid_request"},
  };
  for (const auto& [refusal, word] : expected) {
    CHECK(code(refusal) == word);
    CHECK(explain(refusal).ends_with('.'));
  }
}

}  // namespace toll::tests
