#include "http/options.hpp"

#include <CLI/CLI.hpp>

#include "http/network.hpp"
#include "http/time_format.hpp"
#include "http/usage.hpp"

namespace toll::http {

namespace {

/// A phone that polls, and somebody who taps on it.
constexpr access::RateLimit usual_person_limit{20, 60};

/// Splits HOST:PORT at the last colon; an IPv6 address stands in brackets.
std::string read_listen(const std::string& text, ServerOptions& server) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos) return text + " is not HOST:PORT";
  std::string host = text.substr(0, colon);
  const std::string port = text.substr(colon + 1);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  const bool digits = !port.empty() && port.find_first_not_of("0123456789") == std::string::npos;
  if (host.empty() || !digits) return text + " is not HOST:PORT";
  if (port.size() > 5 || std::stoi(port) > 65'535) {
    return "port " + port + " is out of range: 0 to 65535";
  }
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
  if (!instant || !verdict) return text + " is not like 2026-01-01T00:00:00Z=bill or ...=forgive";
  options.accepted_outage = {*instant, *verdict};
  return {};
}

constexpr std::int64_t most_outage_s = 100 * 366 * 86'400LL;

/// What the line says in another form than Options has it.
struct Words {
  std::string listen = "127.0.0.1:8080";
  std::string auth;
  std::string test_clock;
  std::string accepted_outage;
  std::int64_t timeout_s = 10;
  std::int64_t keep_alive_s = 15;
  std::int64_t wait_for_clock_s = Options{}.wait_for_clock.count();
};

/// Options under one heading of the help.
class Group {
 public:
  Group(CLI::App& app, const char* name) : app_(app), name_(name) {}

  /// `type` is what help shows for the value.
  template <class T>
  CLI::Option* option(const char* name, const char* type, T& value, const char* what) {
    return app_.add_option(name, value, what)->option_text(type)->group(name_);
  }
  template <class T>
  CLI::Option* usual(const char* name, const char* type, T& value, const char* what) {
    return option(name, type, value, what)->capture_default_str();
  }
  CLI::Option* number(const char* name, auto& value, const char* what, std::int64_t least,
                      std::int64_t most) {
    return usual(name, "N", value, what)->check(CLI::Range(least, most));
  }
  CLI::Option* flag(const char* name, bool& value, const char* what) {
    return app_.add_flag(name, value, what)->group(name_);
  }

 private:
  CLI::App& app_;
  const char* name_;
};

void add_data(Group group, Options& options) {
  group
      .option("--data", "DIR", options.data,
              "Data directory; its last component is made when it does not exist")
      ->check([](const std::string& text) { return text.empty() ? "no directory is named" : ""; })
      ->required();
  group.flag("--existing", options.existing,
             "Refuse a data directory without a journal, instead of making one: tollctl init makes "
             "the first");
  group.option("--policy", "FILE", options.policy_file,
               "Billing policy, JSON, merged field by field over the defaults. A different one is "
               "a new version; "
               "without the option the last recorded one holds");
}

void add_listening(Group group, Options& options, Words& words) {
  ServerOptions& server = options.server;
  group
      .usual("--listen", "HOST:PORT", words.listen,
             "Where to listen; port 0 lets the system choose")
      ->check([&](const std::string& text) { return read_listen(text, server); });
  auto* certificate = group.option(
      "--tls-cert", "FILE", server.tls_certificate,
      "Serve TLS (1.2 and later) with this certificate and its chain, PEM. SIGHUP reads "
      "both files, the keys of JSON Web Tokens and the token file again");
  auto* key = group.option("--tls-key", "FILE", server.tls_key, "The certificate's key, PEM");
  certificate->needs(key);
  key->needs(certificate);
  group
      .option("--trusted-proxy", "CIDR", server.trusted_proxies,
              "An address or network for which --max-connections-per-address does not hold; may be "
              "given several times")
      ->check([](const std::string& text) {
        return Network::parse(text) ? std::string() : text + " is not a network such as 10.0.0.0/8";
      });
}

void add_callers(Group group, Options& options, Words& words) {
  auto* off =
      group.option("--auth", "off", words.auth, "`off`: no tokens; only on a loopback address");
  off->check(CLI::IsMember({"off"}));
  group
      .option("--token-file", "FILE", options.token_file,
              "Who may use the API, as tollctl token makes it; by default `tokens` in the data "
              "directory. A change "
              "holds within a second")
      ->excludes(off);
  group
      .option("--jwt-secret-file", "FILE", options.jwt_keys.secret,
              "Take JSON Web Tokens signed with HS256 and the secret in this file")
      ->excludes(off);
  group
      .option("--jwt-public-key", "FILE", options.jwt_keys.public_key,
              "Take JSON Web Tokens signed with RS256 for the public key in this PEM file")
      ->excludes(off);
  group.flag("--secrets-from-mount", options.server.secrets_from_mount,
             "Take --tls-key and --jwt-secret-file with the modes that they have, also when others "
             "can read them: "
             "for secrets that Kubernetes mounts");
}

void add_time(Group group, Options& options, Words& words) {
  group
      .option("--test-clock", "INSTANT", words.test_clock,
              "Time starts here, stands still, and moves by POST /v1/test/clock only")
      ->check([](const std::string& text) {
        return parse_time(text) ? std::string()
                                : text + " is not a time such as 2026-01-01T00:00:00Z";
      });
  group.flag(
      "--adopt-clock", options.adopt_clock,
      "Take a data directory that was made with a test clock with the wall clock, or the other "
      "way round");
  group.number("--wait-for-clock", words.wait_for_clock_s,
               "How many seconds a start waits for a wall clock that it can believe: one that is "
               "more than an hour "
               "beyond the last recorded instant, and not synchronised, ends it with exit 75",
               0, 86'400);
  group
      .option("--max-outage", "TIME", options.max_outage_s,
              "Boundaries so long after the beginning of an outage are charged at most, the rest "
              "is forgiven: 90s, "
              "30m, 24h or 2d")
      ->default_str("24h")
      ->transform(CLI::AsNumberWithUnit(
          std::map<std::string, std::int64_t>{{"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86'400}}))
      ->check(CLI::Range(std::int64_t{0}, most_outage_s));
  group
      .option("--accept-outage", "INSTANT=WORD", words.accepted_outage,
              "WORD is bill or forgive, and decides about the outage that the instant lies in: "
              "what the downtime "
              "policy says, however long it was, or nothing. On record")
      ->check([&](const std::string& text) { return read_accepted_outage(text, options); });
}

void add_limits(Group group, Options& options, Words& words) {
  ServerOptions& server = options.server;
  group.number("--rate-limit", server.rate_limit.per_second,
               "Requests a second for each token or JWT subject, else 429; 0: no limit", 0,
               1'000'000);
  group
      .option("--rate-burst", "N", server.rate_limit.burst,
              "Requests that may come at once under --rate-limit; by default one second's")
      ->check(CLI::Range(1, 1'000'000));
  server.person_limit = usual_person_limit;
  group.number("--person-rate-limit", server.person_limit.per_second,
               "The same for each token or JWT subject that is a patient or a doctor", 0,
               1'000'000);
  group.number("--person-rate-burst", server.person_limit.burst,
               "Requests that may come at once under --person-rate-limit", 1, 1'000'000);
  group.number("--max-requests", options.max_requests,
               "Requests under way, and as many lists; further ones are answered 503", 1,
               1'000'000);
  group.number("--max-connections", server.max_connections,
               "Connections served at once; a new one may close the longest silent of those that "
               "never showed a "
               "right token; further ones are answered 503. At most 64 for each patient and "
               "doctor, a quarter for "
               "every other token. Lowered to what the limit of open files allows",
               1, 1'000'000);
  group.number("--max-connections-per-address", server.max_connections_per_address,
               "Of the connections, from one IPv4 address or IPv6 /64 other than loopback; further "
               "ones are answered "
               "503",
               1, 1'000'000);
  group.number("--max-streams", server.max_streams,
               "Event streams served at once, of the connections, an eighth of them for each "
               "token; further ones are "
               "answered 503",
               0, 100'000);
  group.number("--stream-keep-alive-s", words.keep_alive_s,
               "Seconds of silence of an event stream before a comment is sent", 1, 3600);
  group.number(
      "--request-timeout-s", words.timeout_s,
      "Seconds for a request to arrive, else 408; for the first one from the connection on", 1,
      3600);
}

void add_process(Group group, Options& options) {
  group.number("--threads", options.threads, "Worker threads of the actors", 1, 64);
  group
      .usual("--log-level", "LEVEL", options.log_level,
             "debug (every request), info, warn or error")
      ->check(CLI::IsMember({"debug", "info", "warn", "error"}));
  group.flag("--check", options.check_only,
             "Try everything that the options name, without a lock, a port or the data, and exit: "
             "0 if a start would "
             "get as far as the data, 1 if not, 2 for a wrong line");
}

constexpr const char* footer =
    "Standard output carries only `listening on HOST:PORT`, once it is ready; logs go\n"
    "to standard error. SIGTERM and SIGINT finish what is in flight and exit 0.\n"
    "\n"
    "Each option can also be given as a variable, --max-streams as TOLL_MAX_STREAMS,\n"
    "or in the file of --config, as max-streams=64. The line comes before variables,\n"
    "and those before the file.\n"
    "\n"
    "Try it, without tokens and with a clock that stands still:\n"
    "  tolld --data /tmp/toll --auth off --test-clock 2026-01-01T00:00:00Z\n"
    "Make a token, and serve:\n"
    "  tollctl token create --data /var/lib/toll --name backend --role service\n"
    "  tolld --data /var/lib/toll --listen 0.0.0.0:8443 \\\n"
    "      --tls-cert cert.pem --tls-key key.pem\n";

void take(const Words& words, Options& options) {
  read_listen(words.listen, options.server);
  options.jwt_keys.from_mount = options.server.secrets_from_mount;
  options.auth_off = words.auth == "off";
  if (options.auth_off) {  // there is nobody to count
    options.server.rate_limit = {};
    options.server.person_limit = {};
  }
  if (!words.test_clock.empty()) options.test_clock = parse_time(words.test_clock);
  options.wait_for_clock = std::chrono::seconds(words.wait_for_clock_s);
  options.server.request_timeout = std::chrono::seconds(words.timeout_s);
  options.server.stream_keep_alive = std::chrono::seconds(words.keep_alive_s);
}

}  // namespace

CommandLine parse_command_line(int argc, char** argv) {
  CommandLine line;
  Options& options = line.options;
  Words words;
  CLI::App app{"Bills consultation sessions: one unit at every interval boundary, once, durably.",
               "tolld"};
  dress(app);
  app.footer(footer);
  app.allow_config_extras(CLI::config_extras_mode::error);
  app.set_config("--config", "", "Options, one NAME=VALUE a line")
      ->option_text("FILE")
      ->check(CLI::ExistingFile);
  add_data({app, "Data"}, options);
  add_listening({app, "Listening"}, options, words);
  add_callers({app, "Who may call"}, options, words);
  add_time({app, "Time and outages"}, options, words);
  add_limits({app, "Limits"}, options, words);
  add_process({app, "Process"}, options);
  line.exit_code = parse(app, with_environment(app, {argv + 1, argv + argc}));
  if (!line.exit_code) take(words, options);
  return line;
}

}  // namespace toll::http
