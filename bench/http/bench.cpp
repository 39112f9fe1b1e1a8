#include "bench/http/bench.hpp"

#include <algorithm>

#include "bench/common/profiled.hpp"

namespace toll::bench {

namespace {

constexpr std::size_t setup_connections = 64;
constexpr std::size_t calls_to_end = 2'000;
constexpr Names callers{'c', 'p', 'd', 's'};
constexpr Names enders{'e', 'f', 'g', 'h'};
constexpr Names visitors{'m', 'n', 'o', 'u'};

std::vector<std::string> with_test_clock(std::vector<std::string> options) {
  options.insert(options.end(), {"--test-clock", "2026-01-01T00:00:00Z"});
  return options;
}

double per(double value, double count) { return count > 0 ? value / count : 0; }

}  // namespace

HttpBench::HttpBench(const HttpOptions& options, const Work& work)
    : options_(options),
      work_(work),
      home_(options.directory),
      server_(options.tolld, home_.path() / "data", with_test_clock(options.server_options)),
      setup_(server_.port(), setup_connections),
      deductions_(work_,
                  std::max(setup_connections, *std::ranges::max_element(options.connections))) {
  grant(setup_, work_, callers);
  start_calls(setup_, work_, callers);
}

std::vector<Json> HttpBench::run() {
  for (const std::size_t connections : options_.connections) {
    for (const std::string& name : options_.phases) phase(name, connections);
  }
  expect_in_books("units of all rounds", deductions_.units(), deductions_.expected());
  check_books(read_books(setup_, work_, callers), callers_units_ + deductions_.units());
  return rows_;
}

void HttpBench::verify(const std::string& tollctl) {
  server_.stop();
  run_program({tollctl, "verify", "--data", (home_.path() / "data").string()});
}

void HttpBench::phase(const std::string& name, std::size_t connections) {
  figures_ = {};
  server_cpu_s_ = caught_up_s_ = 0;
  journal_ = {};
  if (name == "livez") return livez(connections);
  if (name == "deduct") return deduct(connections);
  if (name == "end") return end(connections);
  mixed(connections);
}

HttpBench::Journal HttpBench::read_journal() const {
  const std::string metrics = server_.get("/metrics");
  return {metric(metrics, "toll_journal_last_seq"), metric(metrics, "toll_journal_groups_total")};
}

void HttpBench::measure(Traffic& traffic, Script& script, double rate) {
  const Journal before = read_journal();
  const Profiled profiled;
  const double cpu_s = usage_of(server_.pid()).cpu_s;
  const auto began = Traffic::Clock::now();
  const TrafficFigures figures = traffic.run(script, rate);
  server_.get("/v1/sessions?limit=1");  // a list shows every change acknowledged before
  caught_up_s_ += std::chrono::duration<double>(Traffic::Clock::now() - began).count();
  server_cpu_s_ += usage_of(server_.pid()).cpu_s - cpu_s;
  const Journal after = read_journal();
  journal_.records += after.records - before.records;
  journal_.groups += after.groups - before.groups;
  figures_.requests += figures.requests;
  figures_.seconds += figures.seconds;
  figures_.cpu_s += figures.cpu_s;
  figures_.latency.add(figures.latency);
}

void HttpBench::add_row(const std::string& name, std::size_t connections, std::int64_t units) {
  const auto requests = static_cast<double>(figures_.requests);
  rows_.push_back({{"phase", name},
                   {"shape", bench::name(work_.shape())},
                   {"sessions", work_.sessions()},
                   {"connections", connections},
                   {"rate", options_.rate},
                   {"requests_per_s", rounded(per(requests, figures_.seconds))},
                   {"units_per_s", rounded(per(static_cast<double>(units), figures_.seconds))},
                   {"units_per_s_rows", rounded(per(static_cast<double>(units), caught_up_s_))},
                   {"p50_us", rounded(figures_.latency.quantile_us(0.5))},
                   {"p99_us", rounded(figures_.latency.quantile_us(0.99))},
                   {"p999_us", rounded(figures_.latency.quantile_us(0.999))},
                   {"records_per_sync", rounded(per(static_cast<double>(journal_.records),
                                                    static_cast<double>(journal_.groups)))},
                   {"server_cpu_us", rounded(per(server_cpu_s_ * 1e6, requests))},
                   {"client_cpu_us", rounded(per(figures_.cpu_s * 1e6, requests))}});
}

void HttpBench::livez(std::size_t connections) {
  Traffic traffic(server_.port(), connections);
  std::string request;
  put_request(request, "GET", "/livez");
  Repeat script(request, time());
  measure(traffic, script, 0);
  add_row("livez", connections, 0);
}

void HttpBench::deduct(std::size_t connections) {
  Traffic traffic(server_.port(), connections);
  const std::int64_t before = deductions_.units();
  deductions_.run_for(time());
  measure(traffic, deductions_, options_.rate);
  const std::int64_t units = deductions_.units() - before;
  expect_nothing_else(units);
  add_row("deduct", connections, units);
  deductions_.finish_round();
  setup_.run(deductions_);
}

/// A request that took nothing, nine of ten in one shape, must have written nothing.
void HttpBench::expect_nothing_else(std::int64_t most_records) const {
  if (journal_.records <= most_records) return;
  expect_in_books("number of records", journal_.records, most_records);
}

/// Other phases move the clock by more than a round: what became due is taken here, unmeasured, so
/// that the next round is one of one unit each again.
void HttpBench::take_what_is_due() {
  Batch everybody(
      work_.sessions(),
      [](std::size_t i, std::string& bytes) {
        put_request(bytes, "POST", "/v1/sessions/" + bench::id(callers.session, i) + "/deduct");
      },
      [&](std::string_view body) { callers_units_ += read_number(body, "deducted"); });
  setup_.run(everybody);
}

/// Calls of half an interval, hung up one after another: a manual unit each. Making them is not
/// measured.
void HttpBench::end(std::size_t connections) {
  const Work work(Shape::uniform, calls_to_end);
  if (next_end_ == 0) grant(setup_, work, enders);
  Traffic traffic(server_.port(), connections);
  std::int64_t units = 0;
  do {
    start_calls(setup_, work, enders, next_end_);
    Batch clock(1, [](std::size_t, std::string& bytes) {
      put_request(bytes, "POST", "/v1/test/clock",
                  "{\"advance_ms\":" + std::to_string(interval_ms / 2) + ",\"run_timers\":false}");
    });
    setup_.run(clock);
    Batch ends(
        work.sessions(),
        [&](std::size_t i, std::string& bytes) {
          put_request(bytes, "POST",
                      "/v1/sessions/" + bench::id(enders.session, next_end_ + i) + "/end");
        },
        [&](std::string_view body) { units += read_number(body, "deducted"); });
    measure(traffic, ends, options_.rate);
    next_end_ += work.sessions();
  } while (figures_.seconds < options_.seconds);
  add_row("end", connections, units);
  ended_units_ += units;
  expect_in_books("units of calls that ended", ended_units_, static_cast<std::int64_t>(next_end_));
  check_books(read_books(setup_, work, enders), ended_units_);
  take_what_is_due();
}

void HttpBench::mixed(std::size_t connections) {
  doctors_ = std::max(doctors_, MixedDay::doctors(connections));
  put_doctors(setup_, doctors_, visitors);
  Traffic traffic(server_.port(), connections);
  MixedDay day(connections, visitors, visited_, true, time());
  measure(traffic, day, options_.rate);
  visited_ = day.used();
  add_row("mixed", connections, day.units());
  if (day.units() == 0) throw std::runtime_error("a mixed day without a deduction");
  visited_units_ += day.units();
  check_books(read_books(setup_, visited_.subscription, doctors_, visitors), visited_units_);
  take_what_is_due();
}

}  // namespace toll::bench
