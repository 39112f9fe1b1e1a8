#include "bench/http/lateness.hpp"

#include <cmath>
#include <thread>

#include "bench/common/profiled.hpp"

namespace toll::bench {

namespace {

using Clock = Traffic::Clock;

constexpr std::size_t setup_connections = 64;
constexpr Names watched{'c', 'p', 'd', 's'};
constexpr Names busy{'m', 'n', 'o', 'u'};

/// Calls that start at an even pace and are answered at once.
class Starts final : public Script {
 public:
  Starts(std::size_t count, std::size_t connections) : count_(count), ringing_(connections) {}

  Next next(std::size_t connection, Clock::time_point, std::string& bytes) override {
    std::string& ringing = ringing_[connection];
    if (!ringing.empty()) {
      put_request(bytes, "POST", "/v1/sessions/" + ringing + "/activate");
      ringing.clear();
      return Next::send;
    }
    if (started_ == count_) return Next::stop;
    const std::size_t i = started_++;
    ringing = id(watched.session, i);
    put_request(bytes, "POST", "/v1/sessions",
                "{\"id\":\"" + ringing + "\",\"channel\":\"voice\",\"patient_id\":\"" +
                    id(watched.patient, i) + "\",\"doctor_id\":\"" + id(watched.doctor, i) + "\"}");
    return Next::send;
  }

  bool answered(std::size_t, int status, std::string_view body) override {
    expect_success(status, body);
    return false;
  }

 private:
  std::size_t count_;
  std::size_t started_ = 0;
  std::vector<std::string> ringing_;  ///< the call that each connection has started
};

/// The counts of the server's histogram, bucket by bucket.
struct Lateness {
  std::vector<std::pair<double, std::int64_t>> up_to_ms;

  std::int64_t count() const { return up_to_ms.empty() ? 0 : up_to_ms.back().second; }

  /// The upper end of the bucket that the quantile is in.
  double quantile_ms(double quantile) const {
    const double rank = quantile * static_cast<double>(count());
    for (const auto& [ms, seen] : up_to_ms) {
      if (static_cast<double>(seen) >= rank) return ms;
    }
    return 0;
  }
};

Lateness read_lateness(Traffic& traffic) {
  Lateness lateness;
  Batch metrics(
      1, [](std::size_t, std::string& bytes) { put_request(bytes, "GET", "/metrics"); },
      [&](std::string_view body) {
        const std::string_view bucket = "\ntoll_timer_lateness_seconds_bucket{le=\"";
        for (std::size_t at = body.find(bucket); at != body.npos; at = body.find(bucket, at + 1)) {
          const std::string line(body.substr(at + bucket.size(), 80));
          lateness.up_to_ms.emplace_back(1000 * std::stod(line),
                                         std::stoll(line.substr(line.find('}') + 1)));
        }
      });
  traffic.run(metrics);
  return lateness;
}

/// A call that is not answered rings as long as anybody watches: its end would be a timer as well.
std::string policy(std::int64_t interval_s) {
  return "{\"interval_s\":" + std::to_string(interval_s) +
         ",\"ring_timeout_s\":86400,\"response_window_s\":86400}";
}

}  // namespace

Json watch_timers(const HttpOptions& http, const LatenessOptions& options) {
  const TemporaryDirectory home(http.directory);
  // A little more than the time over which they are due: nobody is due twice meanwhile.
  const std::int64_t interval_s =
      options.due_over_s + std::max<std::int64_t>(3, options.due_over_s / 20);
  Server server(http.tolld, home.path() / "data",
                with_policy(http.server_options, home.path(), policy(interval_s)));
  Traffic setup(server.port(), setup_connections);
  const Work work(Shape::uniform, options.timers);
  grant(setup, work, watched);
  put_doctors(setup, MixedDay::doctors(options.connections), busy);

  const auto began = Clock::now();
  Starts starts(options.timers, setup_connections);
  setup.run(starts,
            2.0 * static_cast<double>(options.timers) / static_cast<double>(options.due_over_s));
  if (read_lateness(setup).count() != 0) {
    throw std::runtime_error("the calls took longer to start than an interval");
  }
  const auto first_due = began + std::chrono::seconds(interval_s);
  const auto last_due = first_due + std::chrono::seconds(options.due_over_s);
  std::this_thread::sleep_until(first_due - std::chrono::seconds(1));
  Traffic traffic(server.port(), options.connections);
  MixedDay day(options.connections, busy, {}, false,
               last_due + std::chrono::seconds(1) - Clock::now());
  const double cpu_s = usage_of(server.pid()).cpu_s;
  const TrafficFigures load = [&] {
    const Profiled profiled;
    return traffic.run(day, http.rate);
  }();
  const double server_cpu_s = usage_of(server.pid()).cpu_s - cpu_s;

  Traffic reader(server.port(), setup_connections);  // the others have been idle for too long
  const Lateness lateness = read_lateness(reader);
  const auto timers = static_cast<std::int64_t>(options.timers);
  expect_in_books("timers fired", lateness.count(), timers);
  check_books(read_books(reader, work, watched), timers);
  check_books(
      read_books(reader, day.used().subscription, MixedDay::doctors(options.connections), busy),
      day.units());
  server.stop();
  if (!options.verify_with.empty()) {
    run_program({options.verify_with, "verify", "--data", (home.path() / "data").string()});
  }
  return {{"timers", options.timers},
          {"due_over_s", options.due_over_s},
          {"late_p50_ms", lateness.quantile_ms(0.5)},
          {"late_p90_ms", lateness.quantile_ms(0.9)},
          {"late_p99_ms", lateness.quantile_ms(0.99)},
          {"late_max_ms", lateness.quantile_ms(1)},
          {"load_per_s", rounded(static_cast<double>(load.requests) / load.seconds)},
          {"load_p99_us", rounded(load.latency.quantile_us(0.99))},
          {"load_p999_us", rounded(load.latency.quantile_us(0.999))},
          {"load_max_us", rounded(load.latency.max_us())},
          {"server_cores", rounded(server_cpu_s / load.seconds)}};
}

}  // namespace toll::bench
