#include "bench/http/overload.hpp"

#include <sched.h>

#include <atomic>
#include <iostream>
#include <thread>

#include "bench/http/visits.hpp"

namespace toll::bench {

namespace {

using std::chrono::duration;

/// Well below any --max-requests: a request counts until a moment after its answer.
constexpr std::size_t setup_connections = 16;
constexpr Names callers{'v', 'p', 'd', 's'};
/// Every call that was answered costs its unit at once, however short.
constexpr const char* policy = R"({"min_billable_s":{"voice":0},"ring_timeout_s":86400})";
constexpr int longest_recovery_s = 30;
constexpr double most_times_p99 = 5;
constexpr double most_refusal_us = 50'000;  ///< at once, however slow the disk is
constexpr double most_times_memory = 2;
constexpr double least_arrived = 0.95;
constexpr double least_done = 0.8;             ///< of what it can do
constexpr double most_refused_at_half = 0.01;  ///< while the disk halts for a moment

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

/// What a phase is judged by.
struct Seen {
  double done_per_s = 0;
  double refused_per_s = 0;
  double p99_us = 0;
  double refusal_p99_us = 0;
  double rss_mib = 0;
};

void judge(double capacity_per_s, const Seen& half, const Seen& overload, double offered_per_s) {
  std::string wrong;
  const auto within = [&](const std::string& what, double value, double most) {
    if (value <= most) return;
    wrong += (wrong.empty() ? "" : "; ") + what + ": " + std::to_string(value) + ", at most " +
             std::to_string(most);
  };
  const double arrived = overload.done_per_s + overload.refused_per_s;
  within("requests that found no connection, of those offered", 1 - arrived / offered_per_s,
         1 - least_arrived);
  within("p99 of what was done (us)", overload.p99_us, most_times_p99 * half.p99_us);
  within("p99 of refusals, from sending (us)", overload.refusal_p99_us, most_refusal_us);
  within("what was not done, of what it can do", 1 - overload.done_per_s / capacity_per_s,
         1 - least_done);
  within("refused at half the load, of what was done", half.refused_per_s / half.done_per_s,
         most_refused_at_half);
  within("memory (MiB)", overload.rss_mib, most_times_memory * half.rss_mib);
  if (!wrong.empty()) throw std::runtime_error(wrong);
}

class Overload {
 public:
  Overload(const HttpOptions& http, std::size_t few)
      : home_(http.directory),
        server_(start_apart(cores_, http, home_.path())),
        few_(server_.port(), few),
        traffic_(server_.port(), http.connections.front()),
        work_(households(std::max(few, http.connections.front()))),
        visits_(work_.sessions()) {
    cores_.take(false);
    Traffic setup(server_.port(), setup_connections);
    grant(setup, work_, callers);
    // Under load some may never start the call that would make their doctor known.
    put_doctors(setup, work_.sessions(), callers);
  }

  /// Requests a second that are done for a few connections, so that nobody stands in line.
  double can_do(double seconds) { return capacity_ = run(few_, "can do", seconds, 0).done_per_s; }

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
    const auto per_s = [&](const Answers& answers) {
      return static_cast<double>(answers.since_due.count()) / figures.seconds;
    };
    const Seen seen{per_s(visits_.accepted()), per_s(visits_.refused()),
                    visits_.accepted().since_due.quantile_us(0.99),
                    visits_.refused().since_sent.quantile_us(0.99), memory.most_mib()};
    const double arrived = seen.done_per_s + seen.refused_per_s;
    rows_.push_back({{"phase", phase},
                     {"seconds", rounded(figures.seconds)},
                     {"offered_per_s", rounded(rate)},
                     {"done_per_s", rounded(seen.done_per_s)},
                     {"refused_per_s", rounded(seen.refused_per_s)},
                     {"times_can_do", capacity_ > 0 ? rounded(arrived / capacity_) : 1},
                     {"p50_us", rounded(visits_.accepted().since_due.quantile_us(0.5))},
                     {"p99_us", rounded(seen.p99_us)},
                     {"sent_p99_us", rounded(visits_.accepted().since_sent.quantile_us(0.99))},
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
  Overload run(http, options.few_connections);
  const double aside_s = std::min(10.0, options.seconds);
  const double capacity = run.can_do(aside_s);
  const Seen half = run.offer("half", aside_s, capacity / 2);
  const double offered = options.times * capacity;
  const Seen overload = run.offer("overload", options.seconds, offered);
  if (overload.refused_per_s == 0) {
    throw std::runtime_error("nothing was refused: it takes more connections than --max-requests");
  }
  if (options.judge) judge(capacity, half, overload, offered);
  for (int second = 0;; ++second) {
    const Seen after = run.offer("after", std::min(1.0, options.seconds), capacity / 2);
    if (!options.judge || (after.refused_per_s == 0 && after.p99_us <= 2 * half.p99_us)) break;
    if (second == longest_recovery_s) throw std::runtime_error("it is not as it was before");
  }
  return run.finish(options.verify_with);
}

}  // namespace toll::bench
