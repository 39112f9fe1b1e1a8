// bench/peers: the same work on what a user would pick instead. The servers are started by
// bench/driver; see bench/README.md.
#include <algorithm>
#include <iostream>

#include "bench/common/process.hpp"
#include "bench/common/program.hpp"
#include "bench/peers/drive.hpp"

namespace toll::bench {

namespace {

struct Options {
  std::string peer;
  std::string where;
  std::vector<std::string> shapes{"hot", "uniform"};
  std::vector<std::size_t> clients{64};
  std::size_t sessions = 0;
  double seconds = 3;
  double warm_up_s = 0.3;
};

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

Json run(Peer& peer, const Options& options, Course& course, std::size_t clients,
         std::int64_t& answered) {
  std::vector<std::unique_ptr<Link>> links;
  for (std::size_t i = 0; i < clients; ++i) links.push_back(peer.connect());
  // A server's first answers on a connection cost more: its caches are empty.
  answered += drive(links, course, options.warm_up_s).units;
  const double cpu_s = usage_of().cpu_s;
  const PeerFigures totals = drive(links, course, options.seconds);
  const double client_cpu_s = usage_of().cpu_s - cpu_s;
  answered += totals.units;
  if (totals.units == 0) throw std::runtime_error("the peer took nothing");
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
      {"units_per_s", rounded(static_cast<double>(totals.units) / totals.seconds)},
      {"requests_per_s", rounded(static_cast<double>(totals.requests) / totals.seconds)},
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
  app.add_option("--clients", options.clients, "Connections, a closed loop each")
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
