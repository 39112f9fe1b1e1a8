#include "http/options.hpp"

#include <CLI/CLI.hpp>
#include <iostream>

#include "http/network.hpp"
#include "http/time_format.hpp"

namespace toll::http {

namespace {

/// Far more than a phone needs and a backend sends, far less than a client that has run wild.
constexpr std::int64_t usual_rate_limit = 10'000;

/// A phone that polls, and somebody who taps on it.
constexpr access::RateLimit usual_person_limit{20, 60};

/// Splits HOST:PORT at the last colon; an IPv6 address stands in brackets.
std::string read_listen(const std::string& text, ServerOptions& server) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos) return "is not HOST:PORT";
  std::string host = text.substr(0, colon);
  const std::string port = text.substr(colon + 1);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  const bool digits = !port.empty() && port.size() <= 5 &&
                      port.find_first_not_of("0123456789") == std::string::npos;
  if (host.empty() || !digits || std::stoi(port) > 65'535) return "is not HOST:PORT";
  server.host = host;
  server.port = port;
  return {};
}

/// Reads INSTANT=bill or INSTANT=forgive.
std::string read_accepted_outage(const std::string& text, Options& options) {
  const std::size_t equals = text.find('=');
  const auto instant = parse_time(text.substr(0, equals));
  const auto verdict = equals == std::string::npos
                           ? std::nullopt
                           : billing::parse_outage_verdict(text.substr(equals + 1));
  if (!instant || !verdict) return "is not like 2026-01-01T00:00:00Z=bill or ...=forgive";
  options.accepted_outage = {*instant, *verdict};
  return {};
}

constexpr std::int64_t most_outage_s = 100 * 366 * 86'400LL;

}  // namespace

CommandLine parse_command_line(int argc, char** argv) {
  CommandLine line;
  Options& options = line.options;
  CLI::App app{
      "tolld bills consultation sessions: one unit at every interval boundary, once, durably.\n"
      "Standard output carries only `listening on HOST:PORT`, once it is ready; logs go to "
      "standard\n"
      "error. SIGTERM and SIGINT finish what is in flight and exit 0."};
  std::string listen = "127.0.0.1:8080";
  std::string auth;
  std::string test_clock;
  std::string accepted_outage;
  std::int64_t timeout_s = 10;
  std::int64_t keep_alive_s = 15;
  std::int64_t wait_for_clock_s = options.wait_for_clock.count();
  app.add_option("--data", options.data, "Data directory; made when it does not exist")->required();
  app.add_flag("--existing", options.existing,
               "Refuse a data directory without a journal, instead of making one: tollctl init "
               "makes the first");
  app.add_option("--listen", listen, "HOST:PORT to listen on; port 0 lets the system choose")
      ->capture_default_str()
      ->check([&](const std::string& text) { return read_listen(text, options.server); });
  app.add_option("--auth", auth, "`off`: no tokens; only on a loopback address")
      ->check(CLI::IsMember({"off"}));
  app.add_option("--token-file", options.token_file,
                 "Who may use the API, as tollctl token makes it; by default `tokens` in the data "
                 "directory. A change holds within a second")
      ->excludes("--auth");
  app.add_option("--jwt-secret-file", options.jwt_keys.secret,
                 "Take JSON Web Tokens signed with HS256 and the secret in this file")
      ->excludes("--auth");
  app.add_option("--jwt-public-key", options.jwt_keys.public_key,
                 "Take JSON Web Tokens signed with RS256 for the public key in this PEM file")
      ->excludes("--auth");
  options.server.rate_limit.per_second = usual_rate_limit;
  app.add_option("--rate-limit", options.server.rate_limit.per_second,
                 "Requests a second for each token or JWT subject, else 429; 0: no limit")
      ->capture_default_str()
      ->check(CLI::Range(0, 1'000'000));
  app.add_option("--rate-burst", options.server.rate_limit.burst,
                 "Requests that may come at once under --rate-limit; by default one second's")
      ->check(CLI::Range(1, 1'000'000));
  options.server.person_limit = usual_person_limit;
  app.add_option("--person-rate-limit", options.server.person_limit.per_second,
                 "The same for each token or JWT subject that is a patient or a doctor")
      ->capture_default_str()
      ->check(CLI::Range(0, 1'000'000));
  app.add_option("--person-rate-burst", options.server.person_limit.burst,
                 "Requests that may come at once under --person-rate-limit")
      ->capture_default_str()
      ->check(CLI::Range(1, 1'000'000));
  app.add_option(
      "--policy", options.policy_file,
      "Billing policy, JSON, merged field by field over the defaults. A different one is a "
      "new version; without the option the last recorded one holds");
  app.add_option("--test-clock", test_clock,
                 "Time starts here, stands still, and moves by POST /v1/test/clock only")
      ->check([](const std::string& text) {
        return parse_time(text) ? std::string() : "is not a time such as 2026-01-01T00:00:00Z";
      });
  app.add_option("--wait-for-clock", wait_for_clock_s,
                 "How many seconds a start waits for a wall clock that it can believe: one that is "
                 "more than an hour beyond the last recorded instant, and not synchronised, ends "
                 "it with exit 75")
      ->capture_default_str()
      ->check(CLI::Range(0, 86'400));
  app.add_option(
         "--max-outage", options.max_outage_s,
         "Boundaries so long after the beginning of an outage are charged at most, the rest "
         "is forgiven: 90s, 30m, 24h or 2d")
      ->default_str("24h")
      ->transform(CLI::AsNumberWithUnit(
          std::map<std::string, std::int64_t>{{"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86'400}}))
      ->check(CLI::Range(std::int64_t{0}, most_outage_s));
  app.add_option("--accept-outage", accepted_outage,
                 "INSTANT=bill or INSTANT=forgive decides about the outage that the instant lies "
                 "in: what the downtime policy says, however long it was, or nothing. On record")
      ->check([&](const std::string& text) { return read_accepted_outage(text, options); });
  app.add_option("--threads", options.threads, "Worker threads of the actors")
      ->capture_default_str()
      ->check(CLI::Range(1, 64));
  app.add_option("--max-requests", options.max_requests,
                 "Requests under way, and as many lists; further ones are answered 503")
      ->capture_default_str()
      ->check(CLI::Range(1, 1'000'000));
  app.add_option(
         "--max-connections", options.server.max_connections,
         "Connections served at once; a new one may close the longest silent of those that "
         "never showed a right token; further ones are answered 503. At most 64 for each "
         "patient and doctor, a quarter for every other token. Lowered to what the limit of "
         "open files allows")
      ->capture_default_str()
      ->check(CLI::Range(1, 1'000'000));
  app.add_option("--max-connections-per-address", options.server.max_connections_per_address,
                 "Of the connections, from one IPv4 address or IPv6 /64 other than loopback; "
                 "further ones are answered 503")
      ->capture_default_str()
      ->check(CLI::Range(1, 1'000'000));
  app.add_option("--trusted-proxy", options.server.trusted_proxies,
                 "An address or network (CIDR) for which --max-connections-per-address does not "
                 "hold; may be given several times")
      ->check([](const std::string& text) {
        return Network::parse(text) ? std::string() : "is not a network such as 10.0.0.0/8";
      });
  app.add_option("--request-timeout-s", timeout_s,
                 "Time for a request to arrive, else 408; for the first one from the connection on")
      ->capture_default_str()
      ->check(CLI::Range(1, 3600));
  app.add_option(
         "--max-streams", options.server.max_streams,
         "Event streams served at once, of the connections, an eighth of them for each token; "
         "further ones are answered 503")
      ->capture_default_str()
      ->check(CLI::Range(0, 100'000));
  app.add_option("--stream-keep-alive-s", keep_alive_s,
                 "Silence of an event stream before a comment is sent")
      ->capture_default_str()
      ->check(CLI::Range(1, 3600));
  auto* certificate = app.add_option("--tls-cert", options.server.tls_certificate,
                                     "Serve TLS (1.2 and later) with this certificate and its "
                                     "chain, PEM. SIGHUP reads both files, the keys of JSON Web "
                                     "Tokens and the token file again");
  auto* key = app.add_option("--tls-key", options.server.tls_key, "The certificate's key, PEM");
  certificate->needs(key);
  key->needs(certificate);
  app.add_flag(
      "--secrets-from-mount", options.server.secrets_from_mount,
      "Take --tls-key and --jwt-secret-file with the modes that they have, also when others "
      "can read them: for secrets that Kubernetes mounts");
  app.add_option("--log-level", options.log_level, "debug (every request), info, warn or error")
      ->capture_default_str()
      ->check(CLI::IsMember({"debug", "info", "warn", "error"}));
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    line.exit_code = app.exit(error, std::cout, std::cerr);
    return line;
  }
  read_listen(listen, options.server);
  options.jwt_keys.from_mount = options.server.secrets_from_mount;
  options.auth_off = auth == "off";
  if (options.auth_off) {  // there is nobody to count
    options.server.rate_limit = {};
    options.server.person_limit = {};
  }
  if (!test_clock.empty()) options.test_clock = parse_time(test_clock);
  options.wait_for_clock = std::chrono::seconds(wait_for_clock_s);
  options.server.request_timeout = std::chrono::seconds(timeout_s);
  options.server.stream_keep_alive = std::chrono::seconds(keep_alive_s);
  return line;
}

}  // namespace toll::http
