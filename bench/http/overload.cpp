#include "bench/http/overload.hpp"

#include <sched.h>

#include <atomic>
#include <iostream>
#include <thread>

#include "bench/http/visits.hpp"

namespace toll::bench {

namespace {

using std::chrono::duration;

constexpr std::size_t few_connections = 64;
/// Well below any --max-requests: a request counts until a moment after its answer.
constexpr std::size_t setup_connections = 16;
constexpr Names callers{'v', 'p', 'd', 's'};
/// Every call that was answered costs its unit at once, however short.
constexpr const char* policy = R"({"min_billable_s":{"voice":0},"ring_timeout_s":86400})";
constexpr int longest_recovery_s = 30;
constexpr double most_times_p99 = 5;
constexpr double most_times_memory = 2;

/// The most memory that a process has while this lives, looked at ten times a second.
class MemoryWatch {
 public:
  explicit MemoryWatch(pid_t pid)
      : thread_([this, pid](const std::stop_token& stop) {
          while (!stop.stop_requested()) {
            most_ = std::max<std::int64_t>(most_, usage_of(pid).rss_bytes);
            std::this_thread::sleep_for(std::chrono::milliseconds(100));
          }
        }) {}
  double most_mib() const { return static_cast<double>(most_) / (1 << 20); }

 private:
  std::atomic<std::int64_t> most_{0};
  std::jthread thread_;
};

/// Server and load have cores of their own: on the same ones a load that is too much takes from the
/// server what it is to be asked for.
class Cores {
 public:
  Cores() { sched_getaffinity(0, sizeof all_, &all_); }

  /// From now on this process, and what it starts, has the first half of its cores, or the second.
  void take(bool first_half) const {
    const int count = CPU_COUNT(&all_);
    if (count < 2) return;
    cpu_set_t half;
    CPU_ZERO(&half);
    for (int cpu = 0, seen = 0; seen < count; ++cpu) {
      if (CPU_ISSET(cpu, &all_) && (seen++ < count / 2) == first_half) CPU_SET(cpu, &half);
    }
    sched_setaffinity(0, sizeof half, &half);
  }

 private:
  cpu_set_t all_;
};

Server start_apart(const Cores& cores, const HttpOptions& http, const std::filesystem::path& home) {
  cores.take(true);
  return {http.tolld, home / "data", with_policy(http.server_options, home, policy)};
}

std::size_t visitors(const HttpOptions& http) {
  return std::max(few_connections, http.connections.front());
}

/// What a phase is judged by.
struct Seen {
  double p99_us = 0;
  double sent_p99_us = 0;
  double refusal_p99_us = 0;
  double rss_mib = 0;
  bool refused = false;
};

void judge(const Seen& half, const Seen& overload) {
  const auto within = [](const char* what, double value, double most) {
    if (value <= most) return;
    throw std::runtime_error(std::string(what) + ": " + std::to_string(value) + ", at most " +
                             std::to_string(most));
  };
  within("p99 of what was done (us)", overload.sent_p99_us, most_times_p99 * half.sent_p99_us);
  within("p99 of refusals (us)", overload.refusal_p99_us, overload.sent_p99_us);
  within("memory (MiB)", overload.rss_mib, most_times_memory * half.rss_mib);
}

class Overload {
 public:
  explicit Overload(const HttpOptions& http)
      : home_(http.directory),
        server_(start_apart(cores_, http, home_.path())),
        few_(server_.port(), few_connections),
        traffic_(server_.port(), http.connections.front()),
        work_(households(visitors(http))),
        visits_(work_.sessions()) {
    cores_.take(false);
    Traffic setup(server_.port(), setup_connections);
    grant(setup, work_, callers);
    // Under load some may never start the call that would make their doctor known.
    put_doctors(setup, work_.sessions(), callers);
  }

  /// Requests a second that are done for a few connections, so that nobody stands in line.
  double can_do(double seconds) {
    run(few_, "can do", seconds, 0);
    return capacity_ = rows_.back().at("done_per_s");
  }

  Seen offer(const std::string& phase, double seconds, double rate) {
    return run(traffic_, phase, seconds, rate);
  }

  std::vector<Json> finish(const std::string& verify_with) {
    const std::string metrics = server_.get("/metrics");
    expect_in_books("requests under way", metric(metrics, "toll_gates_waiting"), 0);
    // What was there before may have been idle for too long.
    Traffic reading(server_.port(), setup_connections);
    check_books(read_books(reading, work_, callers), visits_.units());
    server_.stop();
    if (!verify_with.empty()) {
      run_program({verify_with, "verify", "--data", (home_.path() / "data").string()});
    }
    return rows_;
  }

 private:
  Seen run(Traffic& traffic, const std::string& phase, double seconds, double rate) {
    const MemoryWatch memory(server_.pid());
    visits_.run_for(duration<double>(seconds));
    const TrafficFigures figures = traffic.run(visits_, rate);
    const double done = static_cast<double>(visits_.accepted().since_due.count()) / figures.seconds;
    const double refused =
        static_cast<double>(visits_.refused().since_due.count()) / figures.seconds;
    const Seen seen{visits_.accepted().since_due.quantile_us(0.99),
                    visits_.accepted().since_sent.quantile_us(0.99),
                    visits_.refused().since_sent.quantile_us(0.99), memory.most_mib(), refused > 0};
    rows_.push_back({{"phase", phase},
                     {"seconds", rounded(figures.seconds)},
                     {"offered_per_s", rounded(rate)},
                     {"done_per_s", rounded(done)},
                     {"refused_per_s", rounded(refused)},
                     {"times_can_do", capacity_ > 0 ? rounded((done + refused) / capacity_) : 1},
                     {"p50_us", rounded(visits_.accepted().since_due.quantile_us(0.5))},
                     {"p99_us", rounded(seen.p99_us)},
                     {"sent_p99_us", rounded(seen.sent_p99_us)},
                     {"refusal_p99_us", rounded(seen.refusal_p99_us)},
                     {"rss_mib", rounded(seen.rss_mib)}});
    std::cerr << rows_.back() << std::endl;
    return seen;
  }

  const Cores cores_;
  TemporaryDirectory home_;
  Server server_;
  Traffic few_;
  Traffic traffic_;
  Work work_;
  Visits visits_;
  double capacity_ = 0;
  std::vector<Json> rows_;
};

}  // namespace

std::vector<Json> overload(const HttpOptions& http, const OverloadOptions& options) {
  Overload run(http);
  const double aside_s = std::min(10.0, options.seconds);
  const double capacity = run.can_do(aside_s);
  const Seen half = run.offer("half", aside_s, capacity / 2);
  const Seen overload = run.offer("overload", options.seconds, options.times * capacity);
  if (!overload.refused) {
    throw std::runtime_error("nothing was refused: it takes more connections than --max-requests");
  }
  if (options.judge) judge(half, overload);
  for (int second = 0;; ++second) {
    const Seen after = run.offer("after", std::min(1.0, options.seconds), capacity / 2);
    if (!options.judge || (!after.refused && after.p99_us <= 2 * half.p99_us)) break;
    if (second == longest_recovery_s) throw std::runtime_error("it is not as it was before");
  }
  return run.finish(options.verify_with);
}

}  // namespace toll::bench
