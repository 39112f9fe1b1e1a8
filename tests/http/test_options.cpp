#include <catch2/catch.hpp>

#include "http/options.hpp"

using namespace toll::http;

namespace {

CommandLine parse(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "tolld");
  std::vector<char*> pointers;
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  return parse_command_line(static_cast<int>(pointers.size()), pointers.data());
}

}  // namespace

TEST_CASE("the command line has defaults") {
  const auto line = parse({"--data", "dir"});
  REQUIRE_FALSE(line.exit_code);
  CHECK(line.options.data == "dir");
  CHECK(line.options.server.host == "127.0.0.1");
  CHECK(line.options.server.port == "8080");
  CHECK_FALSE(line.options.auth_off);
  CHECK_FALSE(line.options.test_clock);
  CHECK(line.options.max_outage_s == 86'400);
  CHECK_FALSE(line.options.accepted_outage);
}

TEST_CASE("how long an outage is charged, and the word about one, are read strictly") {
  CHECK(parse({"--data", "d", "--max-outage", "90"}).options.max_outage_s == 90);
  CHECK(parse({"--data", "d", "--max-outage", "0"}).options.max_outage_s == 0);
  CHECK(parse({"--data", "d", "--max-outage", "30m"}).options.max_outage_s == 1800);
  for (const char* bad : {"", "-1", "1w", "1e9d", "99999999999999999999"}) {
    INFO(bad);
    CHECK(parse({"--data", "d", "--max-outage", bad}).exit_code.value_or(0) != 0);
  }
  for (const char* bad : {"", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z=", "=bill", "now=bill",
                          "2026-01-01T00:00:00Z=charge", "2026-01-01T00:00:00Z=bill="}) {
    INFO(bad);
    CHECK(parse({"--data", "d", "--accept-outage", bad}).exit_code.value_or(0) != 0);
  }
}

TEST_CASE("every option is read") {
  const auto line = parse({"--data",
                           "d",
                           "--listen",
                           "[::1]:0",
                           "--auth",
                           "off",
                           "--policy",
                           "p",
                           "--test-clock",
                           "2026-01-01T00:00:00Z",
                           "--threads",
                           "2",
                           "--max-connections",
                           "9",
                           "--max-requests",
                           "7",
                           "--request-timeout-s",
                           "3",
                           "--max-outage",
                           "2d",
                           "--accept-outage",
                           "2026-01-01T00:00:00Z=forgive",
                           "--log-level",
                           "warn"});
  REQUIRE_FALSE(line.exit_code);
  CHECK(line.options.server.host == "::1");
  CHECK(line.options.server.port == "0");
  CHECK(line.options.auth_off);
  CHECK(line.options.policy_file == "p");
  CHECK(line.options.test_clock == 1'767'225'600'000);
  CHECK(line.options.threads == 2);
  CHECK(line.options.server.max_connections == 9);
  CHECK(line.options.max_requests == 7);
  CHECK(line.options.server.request_timeout == std::chrono::seconds(3));
  CHECK(line.options.max_outage_s == 2 * 86'400);
  REQUIRE(line.options.accepted_outage);
  CHECK(line.options.accepted_outage->instant == 1'767'225'600'000);
  CHECK(line.options.accepted_outage->verdict == toll::billing::OutageVerdict::forgive);
  CHECK(line.options.log_level == "warn");
}

TEST_CASE("a wrong command line ends with a code") {
  using Arguments = std::vector<std::string>;
  const auto arguments = GENERATE(
      Arguments{}, Arguments{"--data", "d", "--auth", "on"},
      Arguments{"--data", "d", "--listen", "8080"}, Arguments{"--data", "d", "--listen", "a:65536"},
      Arguments{"--data", "d", "--test-clock", "now"}, Arguments{"--data", "d", "--threads", "0"},
      Arguments{"--data", "d", "--auth", "off", "--token-file", "f"},
      Arguments{"--data", "d", "--what"});
  CHECK(parse(arguments).exit_code.value_or(0) != 0);
}

TEST_CASE("help is no error") { CHECK(parse({"--help"}).exit_code == 0); }

TEST_CASE("which listeners are loopback") {
  CHECK(is_loopback("127.0.0.1", "0"));
  CHECK(is_loopback("127.1.2.3", "0"));
  CHECK(is_loopback("::1", "0"));
  CHECK(is_loopback("localhost", "0"));
  CHECK_FALSE(is_loopback("0.0.0.0", "0"));
  CHECK_FALSE(is_loopback("::", "0"));
  CHECK_FALSE(is_loopback("192.0.2.1", "0"));
}
