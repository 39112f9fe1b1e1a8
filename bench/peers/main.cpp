// bench/peers: the same work on what a user would pick instead. The servers are started by
// bench/driver; see bench/README.md.
#include <algorithm>
#include <chrono>
#include <iostream>
#include <mutex>
#include <optional>
#include <thread>

#include "bench/common/histogram.hpp"
#include "bench/common/process.hpp"
#include "bench/common/program.hpp"
#include "bench/peers/peer.hpp"

namespace toll::bench {

namespace {

using Clock = std::chrono::steady_clock;

struct Options {
  std::string peer;
  std::string where;
  std::vector<std::string> shapes{"hot", "uniform"};
  std::vector<std::size_t> clients{64};
  std::size_t sessions = 0;
  double seconds = 3;
  double warm_up_s = 0.3;
};

struct Totals {
  std::mutex mutex;  ///< everything below
  std::int64_t units = 0;
  std::int64_t requests = 0;
  Histogram latency;
  std::string failure;
};

/// The work's requests, which the clients take in order.
class Course {
 public:
  explicit Course(const Work& work) : work_(work) {}
  const Work& work() const { return work_; }

  void run_until(Clock::time_point end) { end_ = end; }

  /// None once the time is over; with ten attempts, after the tenth of a unit.
  std::optional<Request> take() {
    const std::lock_guard lock(mutex_);
    if (next_ % static_cast<std::uint64_t>(work_.attempts()) == 0 && Clock::now() >= end_)
      return {};
    return work_.request(next_++);
  }

 private:
  const Work& work_;
  std::mutex mutex_;
  Clock::time_point end_;
  std::uint64_t next_ = 0;
};

void play(Link& link, Course& course, Totals& totals) {
  Histogram latency;
  std::int64_t units = 0, requests = 0;
  while (const auto request = course.take()) {
    const auto began = Clock::now();
    units += link.deduct(*request);
    latency.add(std::chrono::nanoseconds(Clock::now() - began).count());
    ++requests;
  }
  const std::lock_guard lock(totals.mutex);
  totals.units += units;
  totals.requests += requests;
  totals.latency.add(latency);
}

std::unique_ptr<Peer> make(const Options& options, const Work& work) {
  const std::string& name = options.peer;
#ifdef TOLL_BENCH_POSTGRES
  if (name.starts_with("postgres"))
    return postgres(options.where, name.ends_with("function"), work);
#endif
#ifdef TOLL_BENCH_MARIADB
  if (name.starts_with("mariadb")) return mariadb(options.where, name.ends_with("function"), work);
#endif
#ifdef TOLL_BENCH_REDIS
  if (name == "redis") return redis(options.where, work);
#endif
  if (name == "rocksdb") return rocksdb_transactions(options.where, work);
  if (name == "mutex") return mutex(options.where, work);
  throw std::runtime_error("this program was built without the peer " + name);
}

/// All clients for this time, each in a thread of its own; then what they did. In seconds.
double drive(const std::vector<std::unique_ptr<Link>>& links, Course& course, double seconds,
             Totals& totals) {
  const auto began = Clock::now();
  course.run_until(
      began + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds)));
  {
    std::vector<std::jthread> threads;
    for (const auto& link : links) {
      threads.emplace_back([&] {
        try {
          play(*link, course, totals);
        } catch (const std::exception& error) {
          const std::lock_guard lock(totals.mutex);
          totals.failure = error.what();
        }
      });
    }
  }
  if (!totals.failure.empty()) throw std::runtime_error(totals.failure);
  return std::chrono::duration<double>(Clock::now() - began).count();
}

Json run(Peer& peer, const Options& options, Course& course, std::size_t clients,
         std::int64_t& answered) {
  std::vector<std::unique_ptr<Link>> links;
  for (std::size_t i = 0; i < clients; ++i) links.push_back(peer.connect());
  // A server's first answers on a connection cost more: its caches are empty.
  Totals warm_up, totals;
  drive(links, course, options.warm_up_s, warm_up);
  answered += warm_up.units;
  const double cpu_s = usage_of().cpu_s;
  const double took = drive(links, course, options.seconds, totals);
  const double client_cpu_s = usage_of().cpu_s - cpu_s;
  answered += totals.units;
  const PeerBooks books = peer.books();
  expect_in_books("units taken", books.taken, answered);
  expect_in_books("units used", books.used, answered);
  expect_in_books("entries", books.entries, answered);
  expect_in_books("money paid", books.paid, answered * unit_pay);
  return {
      {"peer", options.peer},
      {"shape", name(course.work().shape())},
      {"sessions", course.work().sessions()},
      {"clients", clients},
      {"units", totals.units},
      {"units_per_s", rounded(static_cast<double>(totals.units) / took)},
      {"requests_per_s", rounded(static_cast<double>(totals.requests) / took)},
      {"p50_us", rounded(totals.latency.quantile_us(0.5))},
      {"p99_us", rounded(totals.latency.quantile_us(0.99))},
      {"p999_us", rounded(totals.latency.quantile_us(0.999))},
      {"client_cpu_us", rounded(client_cpu_s * 1e6 /
                                static_cast<double>(std::max<std::int64_t>(1, totals.requests)))}};
}

void add_options(CLI::App& app, Options& options) {
  app.add_option("--peer", options.peer, "The peer, as bench/driver names it")
      ->required()
      ->check(CLI::IsMember({"postgres-application", "postgres-function", "mariadb-application",
                             "mariadb-function", "redis", "rocksdb", "mutex"}));
  app.add_option("--where", options.where, "Its socket folder, socket, or an empty directory")
      ->required()
      ->check(CLI::ExistingPath);
  add_shapes(app, options.shapes);
  app.add_option("--clients", options.clients, "Connections, a thread each")
      ->delimiter(',')
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  app.add_option("--sessions", options.sessions, "Default 1000 for hot, else 10000");
  add_seconds(app, options.seconds);
  app.add_option("--warm-up", options.warm_up_s, "Seconds before each run")
      ->check(CLI::Range(0.0, 600.0))
      ->capture_default_str();
}

}  // namespace

}  // namespace toll::bench

int main(int argc, char** argv) {
  using namespace toll::bench;
  CLI::App app{"The same deductions on PostgreSQL, MariaDB, Redis, RocksDB, and a mutex."};
  Options options;
  add_options(app, options);
  return run_program("peers", app, argc, argv, [&] {
    std::vector<Json> rows;
    for (const std::string& name : options.shapes) {
      const Shape shape = parse_shape(name);
      const Work work(shape, options.sessions ? options.sessions : default_sessions(shape));
      const auto peer = make(options, work);
      peer->fill(work);
      Course course(work);
      std::int64_t answered = 0;
      for (const std::size_t clients : options.clients) {
        rows.push_back(run(*peer, options, course, clients, answered));
      }
    }
    std::cout << table(rows);
    return Json(rows);
  });
}
