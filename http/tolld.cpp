// tolld: the server as a program. Reads its files, recovers, listens, and leaves in good order.
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <iostream>

#include "access/secret_file.hpp"
#include "access/shell_word.hpp"
#include "http/descriptors.hpp"
#include "http/hang_up.hpp"
#include "http/log.hpp"
#include "http/notify.hpp"
#include "http/options.hpp"
#include "http/out_of_memory.hpp"
#include "http/policy_file.hpp"
#include "http/server.hpp"
#include "http/startup_listener.hpp"
#include "http/time_format.hpp"
#include "http/version.hpp"

namespace {

using namespace toll;
using http::LogLevel;

constexpr int exit_unusable = 1;
constexpr int exit_broken_disk = 70;
constexpr int exit_directory_gone = 74;
constexpr int exit_clock_not_believed = 75;  // to be tried again: EX_TEMPFAIL of sysexits.h
constexpr std::uint64_t ballast_bytes = 64u << 20;

/// Something that the operator has to put right before the server can start.
struct CannotStart {
  std::string why;
};

/// Before the server listens there is nothing to finish: what recovery has done so far holds, and
/// the rest is done at the next start.
extern "C" void leave_at_once(int) { _exit(0); }

void prepare_process() {
  access::keep_memory_private();
  access::keep_files_private();
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGTERM, leave_at_once);
  std::signal(SIGINT, leave_at_once);
  http::end_when_out_of_memory(exit_broken_disk);
}

/// As many connections as descriptors allow: what is promised is held.
void fit_connections(http::ServerOptions& server) {
  const auto descriptors = http::raise_descriptors();
  if (!descriptors) return;
  if (*descriptors < http::least_descriptors) {
    throw CannotStart{"a process may have only " + std::to_string(*descriptors) +
                      " open files here; raise the limit to at least " +
                      std::to_string(http::least_descriptors) +
                      " (ulimit -n, or LimitNOFILE= in the unit)"};
  }
  const std::size_t most = http::connections_for(*descriptors);
  if (server.max_connections <= most) return;
  http::log(LogLevel::warn, "max_connections_lowered",
            {{"from", static_cast<std::int64_t>(server.max_connections)},
             {"to", static_cast<std::int64_t>(most)},
             {"open_files", static_cast<std::int64_t>(*descriptors)},
             {"raise_with", "ulimit -n, or LimitNOFILE= in the unit"}});
  server.max_connections = most;
}

/// An address that cannot be had is for the operator to put right.
template <class Use>
auto with_address(const http::ServerOptions& server, Use use) try {
  return use(server.host, server.port);
} catch (const std::system_error& error) {
  throw CannotStart{"cannot listen on " + server.host + ":" + server.port + ": " +
                    error.code().message()};
}

/// What tollctl has to be told to find the tokens of this server.
std::string tokens_option(const http::Options& options) {
  return options.token_file.empty() ? "--data " + access::shell_word(options.data)
                                    : "--token-file " + access::shell_word(options.token_file);
}

http::Auth read_auth(const http::Options& options) {
  if (options.auth_off) {
    if (with_address(options.server, http::is_loopback)) return http::Auth::off();
    throw CannotStart{
        "--auth off is for loopback addresses only; listen on 127.0.0.1, or leave it out and make "
        "a token with tollctl token create"};
  }
  const std::string file =
      options.token_file.empty() ? options.data + "/tokens" : options.token_file;
  try {
    if (!options.token_file.empty() && ::access(file.c_str(), F_OK) != 0 && errno == ENOENT) {
      throw CannotStart{"the token file " + file + " is not there; tollctl token create " +
                        tokens_option(options) + " --name backend --role service makes it"};
    }
    http::Auth auth(file, options.jwt_keys);
    if (!auth.knows_somebody()) {
      http::log(
          LogLevel::warn, "no_tokens",
          {{"token_file", std::string_view(file)},
           {"make_one_with", std::string_view("tollctl token create " + tokens_option(options) +
                                              " --name backend --role service")}});
    }
    return auth;
  } catch (const access::TokenError& error) {
    const std::string why = error.what();
    throw CannotStart{"the token file " + (why.starts_with(file) ? why : file + ": " + why)};
  }
}

actors::EngineOptions engine_options(const http::Options& options, http::Metrics& metrics) {
  actors::EngineOptions engine;
  engine.storage.directory = options.data;
  engine.storage.existing = options.existing;
  engine.storage.ballast_bytes = ballast_bytes;
  engine.storage.on_group = [&metrics](const persistence::GroupWritten& group) {
    metrics.group_written(group);
  };
  engine.storage.on_broken_disk = [](const std::string& what) {
    // Nothing that waits may be answered any more: an fsync that failed is never tried again.
    http::log(LogLevel::critical, "broken_disk", {{"reason", std::string_view(what)}});
    _exit(exit_broken_disk);
  };
  engine.storage.on_damaged_history = [](const std::string& what) {
    http::log(LogLevel::critical, "history_damaged", {{"reason", std::string_view(what)}});
  };
  engine.storage.on_history_checked = [](const persistence::HistoryState& history) {
    http::log(LogLevel::info, "history_checked",
              {{"tables_damaged", static_cast<std::int64_t>(history.tables_damaged)}});
  };
  engine.storage.on_directory_gone = [](const std::string& what) {
    // What was acknowledged is where the directory is now; another start must not begin anew.
    http::log(LogLevel::critical, "directory_gone", {{"reason", std::string_view(what)}});
    _exit(exit_directory_gone);
  };
  engine.on_timer = [&metrics](billing::Instant lateness_ms) { metrics.timer_fired(lateness_ms); };
  engine.on_clock_step = [&metrics](billing::Instant by_ms, billing::Instant ahead_ms) {
    metrics.clock_stepped(by_ms);
    http::log(LogLevel::warn, "clock_stepped", {{"by_ms", by_ms}, {"ahead_ms", ahead_ms}});
  };
  engine.wait_for_clock = options.wait_for_clock;
  engine.max_outage_ms = options.max_outage_s * 1000;
  engine.accepted_outage = options.accepted_outage;
  engine.worker_threads = options.threads;
  engine.limits.asks_at_door = options.max_requests;
  engine.test_clock = options.test_clock;
  engine.storage.adopt_clock = options.adopt_clock;
  if (!options.policy_file.empty()) {
    auto file = http::read_policy_file(options.policy_file);
    if (file.error)
      throw CannotStart{"the policy file " + options.policy_file + ": " + *file.error};
    engine.policy = std::move(file.policy);
  }
  return engine;
}

void log_start(const actors::Engine& engine, const std::string& address) {
  const actors::StartReport& report = engine.report();
  const auto whole = [](auto number) { return static_cast<std::int64_t>(number); };
  http::log(LogLevel::info, "started",
            {{"version", http::version},
             {"address", std::string_view(address)},
             {"journal_head", whole(report.recovered.head)},
             {"torn_bytes", whole(report.recovered.torn_bytes)},
             {"tables_checked", whole(report.recovered.tables_checked)},
             {"bytes_checked", whole(report.recovered.bytes_checked)},
             {"bytes_to_check", whole(report.recovered.bytes_to_check)},
             {"records_replayed", whole(report.recovered.records_replayed)},
             {"live_sessions", whole(report.live_sessions)},
             {"intervals_charged", report.intervals_charged},
             {"intervals_forgiven", report.intervals_forgiven},
             {"sessions_ended", report.sessions_ended},
             {"kernel_clock",
              std::string_view(report.clock_synchronised ? "synchronised" : "not synchronised")},
             {"policy_version", whole(engine.policies().current_version())},
             {"seconds", report.seconds}});
  if (report.recovered.ballast_given_up) http::log(LogLevel::warn, "ballast_given_up");
}

/// What does not keep a server from starting, and should be otherwise.
void warn_of(const http::Options& options) {
  if (::geteuid() == 0) {
    http::log(LogLevel::warn, "running_as_root",
              {{"instead", "a user of its own, who owns the data directory"}});
  }
  struct stat directory {};
  if (::stat(options.data.c_str(), &directory) == 0 && (directory.st_mode & 077) != 0) {
    http::log(LogLevel::warn, "data_directory_open",
              {{"directory", std::string_view(options.data)},
               {"mend_with", std::string_view("chmod 700 " + access::shell_word(options.data))}});
  }
}

void serve(http::Options options) {
  fit_connections(options.server);
  warn_of(options);
  http::Auth auth = read_auth(options);
  http::Metrics metrics;
  actors::EngineOptions for_engine = engine_options(options, metrics);
  if (options.check_only) {
    http::check_tls(options.server);
    std::cout << "everything is usable that the options name" << std::endl;
    return;
  }
  auto socket = with_address(options.server, [](const auto& host, const auto& port) {
    return http::ListeningSocket(host, port);
  });
  const std::string address = socket.address();
  std::unique_ptr<actors::Engine> engine;
  {
    const http::MoreTime more_time;
    http::StartupListener startup(options.server, socket);
    startup.progress("tables and logs are checked", 0, 0);
    for_engine.storage.on_folded = [&startup](billing::Seq done, billing::Seq all) {
      startup.progress("records are folded into rows", done, all);
    };
    engine = actors::Engine::start(std::move(for_engine));
  }
  http::Server server(options.server, std::move(socket), *engine, auth, metrics);
  log_start(*engine, address);
  std::cout << "listening on " << address << std::endl;
  http::notify_ready();
  server.run();
  engine->shut_down();
  engine.reset();  // before the server, which its last answers still reach
  http::log(LogLevel::info, "stopped");
}

int cannot_start(const std::string& why, int code = exit_unusable) {
  std::cerr << "tolld: " << why << std::endl;
  return code;
}

std::string in_words(const actors::ClockNotBelieved& clock, const std::string& data) {
  std::string text = "the clock shows ";
  http::append_time(text, clock.shown);
  text += ", more than an hour beyond the last recorded instant, ";
  http::append_time(text, clock.last_recorded);
  return text + ", and is not believed: " + clock.what() +
         ". Nothing was charged. Put it right; or, if it is right, start with --wait-for-clock 600 "
         "and run meanwhile: tollctl clock --accept --data " +
         access::shell_word(data);
}

}  // namespace

int main(int argc, char** argv) {
  http::note_hang_ups();
  const http::CommandLine line = http::parse_command_line(argc, argv);
  if (line.exit_code) return *line.exit_code;
  prepare_process();
  http::start_log(line.options.log_level);
  try {
    serve(line.options);
    return 0;
  } catch (const CannotStart& reason) {
    return cannot_start(reason.why);
  } catch (const http::KeyError& error) {
    return cannot_start(error.what());
  } catch (const actors::ClockNotBelieved& clock) {
    return cannot_start(in_words(clock, line.options.data), exit_clock_not_believed);
  } catch (const http::TlsError& error) {
    return cannot_start(error.what());
  } catch (const persistence::StorageError& error) {
    return cannot_start(error.what());
  } catch (const std::system_error& error) {  // such as a path that cannot be followed
    return cannot_start(error.what());
  }
}
