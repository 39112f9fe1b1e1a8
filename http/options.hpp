// The command line of tolld.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "actors/engine.hpp"
#include "billing/types.hpp"
#include "http/jwt_keys.hpp"
#include "http/server.hpp"

namespace toll::http {

struct Options {
  std::string data;
  bool existing = false;  ///< a directory without a journal is refused
  ServerOptions server;
  bool auth_off = false;
  std::string token_file;  ///< empty: the one in the data directory
  JwtKeyFiles jwt_keys;
  std::string policy_file;  ///< empty: none
  std::optional<billing::Instant> test_clock;
  bool adopt_clock = false;
  std::chrono::seconds wait_for_clock{3};
  std::int64_t max_outage_s = billing::Outages::usual_max_ms / 1000;
  std::optional<actors::AcceptedOutage> accepted_outage;
  std::size_t threads = 1;
  std::int64_t max_requests = actors::Limits{}.asks_at_door;
  std::string log_level = "info";
  bool check_only = false;  ///< nothing is served: is everything usable that the options name?
};

/// Either the options, or the code to exit with at once: help was printed, or what is wrong.
struct CommandLine {
  Options options;
  std::optional<int> exit_code;
};

CommandLine parse_command_line(int argc, char** argv);

}  // namespace toll::http
