#include "bench/http/soak.hpp"

#include <algorithm>
#include <fstream>
#include <iostream>
#include <optional>
#include <set>
#include <thread>

#include "bench/http/visits.hpp"

namespace toll::bench {

namespace {

using std::chrono::duration;
namespace fs = std::filesystem;

constexpr double longest_row_s = 60;
constexpr double rows_a_life = 12;
constexpr std::size_t setup_connections = 64;
constexpr std::size_t standing_calls = 1'000;
constexpr std::size_t asks_in_a_visit = 6;  ///< that find nothing due, as a rule
constexpr std::int64_t most_actors = 16;
constexpr std::int64_t slack = 16 << 20;  ///< bytes of memory, for what fills once
constexpr double bytes_a_request = 2;     ///< the journal's tables, which only become more
constexpr double most_growth = 1.25;      ///< from life to life, as the rows become more
constexpr const char* policy =
    R"({"interval_s":1,"min_billable_s":{"voice":0},"ring_timeout_s":86400})";
constexpr Names visitors{'v', 'p', 'd', 's'};
constexpr Names talkers{'t', 'q', 'e', 'u'};

/// What the server has open, by kind.
struct OpenFiles {
  std::int64_t sockets = 0;
  std::int64_t data = 0;    ///< tables and logs, which come and go
  std::int64_t leaked = 0;  ///< of them, those that are in the directory no more, or open twice
  std::int64_t other = 0;   ///< what it always has
};

OpenFiles open_files(pid_t pid, const fs::path& data) {
  OpenFiles open;
  std::set<std::string> seen;
  for (const auto& file : fs::directory_iterator("/proc/" + std::to_string(pid) + "/fd")) {
    std::error_code gone;
    const std::string target = fs::read_symlink(file.path(), gone).string();
    if (gone) continue;
    const bool is_data = target.starts_with(data.string()) && !fs::is_directory(target);
    ++(target.starts_with("socket:") ? open.sockets : is_data ? open.data : open.other);
    open.leaked += is_data && (target.ends_with(" (deleted)") || !seen.insert(target).second);
  }
  return open;
}

/// What earlier runs in the same place have done.
struct Past {
  std::size_t calls = 0;   ///< of each talker
  std::size_t visits = 0;  ///< of each connection, at most
  std::int64_t units = 0, talked_units = 0;

  explicit Past(const fs::path& file) {
    std::ifstream in(file);
    if (in) in >> calls >> visits >> units >> talked_units;
  }
  void write(const fs::path& file) const {
    std::ofstream(file) << calls << ' ' << visits << ' ' << units << ' ' << talked_units << '\n';
  }
};

class Soak {
 public:
  Soak(const HttpOptions& http, const SoakOptions& options)
      : http_(http),
        options_(options),
        temporary_(options.home.empty() ? std::make_optional<TemporaryDirectory>(http.directory)
                                        : std::nullopt),
        home_(fs::absolute(temporary_ ? temporary_->path() : fs::path(options.home))),
        past_(home_ / "past"),
        work_(households(http.connections.front())),
        talk_(households(standing_calls)),
        visits_(http.connections.front(), asks_in_a_visit, past_.visits) {}

  std::vector<Json> run() {
    start();
    if (past_.visits == 0) {
      with_setup([&](Traffic& traffic) {
        grant(traffic, work_, visitors);
        grant(traffic, talk_, talkers);
      });
    }
    // Talkers' sessions are numbered on, so that no id comes twice.
    first_call_ = past_.calls * standing_calls;
    with_setup([&](Traffic& traffic) { start_calls(traffic, talk_, talkers, first_call_); });
    const double rate = load(std::min(5.0, options_.seconds / 4), 0) / 2;
    const double row_s = std::min(options_.restart_every_s / rows_a_life, longest_row_s);
    double restart_at = options_.restart_every_s;
    bool kill = false;
    const auto began = Traffic::Clock::now();
    for (bool last = false; !last;) {
      const double done = load(row_s, rate);
      const double passed = duration<double>(Traffic::Clock::now() - began).count();
      last = passed >= options_.seconds;
      const bool restart = !last && passed >= restart_at;
      add_row(passed, done, restart ? kill ? "SIGKILL" : "SIGTERM" : last ? "SIGTERM" : "");
      expect_flat_memory(done * row_s);
      if (restart || last) expect_no_more_than_at_first();
      if (!restart) continue;
      kill ? server_->kill() : server_->stop();
      start();
      kill = !kill;
      restart_at = passed + options_.restart_every_s;
    }
    finish();
    return rows_;
  }

 private:
  void start() {
    server_.emplace(http_.tolld, home_ / "data", with_policy(http_.server_options, home_, policy));
    open_at_start_ = open_files(server_->pid(), home_);
    memory_.clear();
    requests_ = 0;
  }

  void with_setup(const std::function<void(Traffic&)>& work) const {
    Traffic traffic(server_->port(), setup_connections);
    work(traffic);
  }

  /// Requests done a second, over connections that are made and closed again.
  double load(double seconds, double rate) {
    Traffic traffic(server_->port(), http_.connections.front());
    visits_.run_for(duration<double>(seconds));
    const TrafficFigures figures = traffic.run(visits_, rate);
    rss_loaded_ = usage_of(server_->pid()).rss_bytes;
    return static_cast<double>(figures.requests) / figures.seconds;
  }

  /// Nothing that came with the load may be left over. Timers go on, so some figures are quiet only
  /// now and then: they are looked at until they are.
  void expect_quiet() {
    for (int look = 0;; ++look) {
      const std::string metrics = server_->get("/metrics");
      const OpenFiles open = open_files(server_->pid(), home_);
      const std::int64_t gates = metric(metrics, "toll_gates_waiting");
      actors_ = metric(metrics, "toll_actors_in_memory");
      timers_ = metric(metrics, "toll_timers");
      if (gates == 0 && open.sockets <= open_at_start_.sockets && open.leaked == 0 &&
          actors_ <= most_actors && timers_ == static_cast<std::int64_t>(standing_calls)) {
        expect_in_books("open files that are no data", open.other, open_at_start_.other);
        expect_in_books("live sessions", metric(metrics, "toll_live_sessions"), standing_calls);
        records_ = metric(metrics, "toll_journal_durable_seq");
        files_ = open;
        return;
      }
      if (look == 1000) {
        throw std::runtime_error("left over: " + std::to_string(gates) + " requests, " +
                                 std::to_string(open.sockets) + " sockets, " +
                                 std::to_string(open.leaked) + " tables or logs, " +
                                 std::to_string(actors_) + " actors; " + std::to_string(timers_) +
                                 " timers for " + std::to_string(standing_calls) + " calls");
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
  }

  /// The most that there was in one of the four quarters of this life.
  std::int64_t most_memory(std::size_t quarter) const {
    const auto at = [&](std::size_t q) {
      return memory_.begin() + std::ptrdiff_t(memory_.size() * q / 4);
    };
    return *std::max_element(at(quarter), at(quarter + 1));
  }

  void expect_flat_memory(double done) {
    memory_.push_back(rss_loaded_);
    requests_ += done;
    if (memory_.size() < 4) return;
    const double allowed = static_cast<double>(slack) + bytes_a_request * requests_ / 2;
    expect_no_growth(most_memory(1), allowed, "in half of its life");
  }

  /// Each life has seen more than the one before.
  void expect_no_more_than_at_first() {
    if (memory_.size() < 4) return;
    if (!memory_of_first_) memory_of_first_ = most_memory(3);
    const double more = (most_growth - 1) * static_cast<double>(*memory_of_first_);
    expect_no_growth(*memory_of_first_, static_cast<double>(slack) + more, "since the first life");
  }

  void expect_no_growth(std::int64_t from, double allowed, const char* when) const {
    if (static_cast<double>(most_memory(3) - from) <= allowed) return;
    throw std::runtime_error("memory grew from " + std::to_string(from) + " to " +
                             std::to_string(most_memory(3)) + " bytes " + when);
  }

  void add_row(double seconds, double done_per_s, const char* ends_by) {
    expect_quiet();
    rows_.push_back({{"second", rounded(seconds)},
                     {"done_per_s", rounded(done_per_s)},
                     {"rss_mib", rounded(static_cast<double>(rss_loaded_) / (1 << 20))},
                     {"actors", actors_},
                     {"timers", timers_},
                     {"sockets", files_.sockets},
                     {"other_files", files_.other},
                     {"data_files", files_.data},
                     {"journal", records_},
                     {"ends_by", ends_by}});
    std::cerr << rows_.back() << std::endl;
  }

  /// Everybody hangs up, and the books are read.
  void finish() {
    std::int64_t talked = past_.talked_units;
    with_setup([&](Traffic& traffic) {
      Batch ends(
          standing_calls,
          [&](std::size_t i, std::string& bytes) {
            put_request(bytes, "POST",
                        "/v1/sessions/" + id(talkers.session, first_call_ + i) + "/end");
          },
          [&](std::string_view body) { talked += read_number(body, "sessions_used"); });
      traffic.run(ends);
      past_.units += visits_.units();
      check_books(read_books(traffic, work_, visitors), past_.units);
      check_books(read_books(traffic, talk_, talkers), talked);
    });
    past_.talked_units = talked;
    past_.visits = visits_.most_visits();
    ++past_.calls;
    past_.write(home_ / "past");
    server_->stop();
    if (!options_.verify_with.empty()) {
      run_program({options_.verify_with, "verify", "--data", (home_ / "data").string()});
    }
  }

  const HttpOptions http_;
  const SoakOptions options_;
  const std::optional<TemporaryDirectory> temporary_;
  const fs::path home_;
  Past past_;
  const Work work_, talk_;
  Visits visits_;
  std::optional<Server> server_;
  std::size_t first_call_ = 0;
  OpenFiles open_at_start_, files_;
  std::int64_t rss_loaded_ = 0, actors_ = 0, timers_ = 0, records_ = 0;
  std::vector<std::int64_t> memory_;  ///< at the end of each row of this life
  double requests_ = 0;               ///< in this life
  std::optional<std::int64_t> memory_of_first_;
  std::vector<Json> rows_;
};

}  // namespace

std::vector<Json> soak(const HttpOptions& http, const SoakOptions& options) {
  return Soak(http, options).run();
}

}  // namespace toll::bench
