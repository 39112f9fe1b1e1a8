#include "http/metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <array>
#include <map>

#include "http/process_figures.hpp"
#include "http/router.hpp"
#include "http/status.hpp"
#include "http/version.hpp"

namespace toll::http {

namespace {

using prometheus::Counter;
using prometheus::Family;
using prometheus::Gauge;
using prometheus::Histogram;

const Histogram::BucketBoundaries request_seconds{.0001, .00025, .0005, .001, .0025, .005, .01,
                                                  .025,  .05,    .1,    .25,  1,     5};
const Histogram::BucketBoundaries sync_seconds{.00005, .0001, .00025, .0005, .001, .0025,
                                               .005,   .01,   .05,    .25,   1};
const Histogram::BucketBoundaries group_records{1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 4096};
const Histogram::BucketBoundaries lateness_seconds{.001, .002, .003, .004, .005, .0075, .01,
                                                   .015, .02,  .03,  .05,  .075, .1,    .2,
                                                   .5,   1,    10,   60,   600};

}  // namespace

struct Metrics::Figures {
  /// The counters of one route, found once and then by index.
  struct PerRoute {
    prometheus::Labels labels;
    std::array<Counter*, statuses.size()> by_status{};
    Histogram* seconds = nullptr;
  };

  prometheus::Registry registry;
  Family<Counter>& requests = counters("toll_requests_total", "Requests by route and status");
  Family<Histogram>& durations =
      histograms("toll_request_seconds", "From the last byte of a request to its answer");
  Counter& deductions =
      counters("toll_units_deducted_total", "Units taken from subscriptions").Add({});
  Counter& forgiven =
      counters("toll_intervals_forgiven_total", "Intervals that an outage made free").Add({});
  Family<Counter>& ended =
      counters("toll_sessions_ended_total", "Sessions that came to an end, by its reason");
  Family<Counter>& earned =
      counters("toll_money_earned_total", "What doctors were paid for units, in minor units");
  Family<Counter>& refunded =
      counters("toll_money_refunded_total", "What refunds took from doctors, in minor units");
  Counter& groups = counters("toll_journal_groups_total", "Groups written to the journal").Add({});
  Counter& bytes = counters("toll_journal_bytes_total", "Bytes written to the journal").Add({});
  Histogram& records =
      histograms("toll_journal_group_records", "Records in a journal group").Add({}, group_records);
  Histogram& syncs =
      histograms("toll_journal_sync_seconds", "Time to make a group durable").Add({}, sync_seconds);
  Histogram& lateness =
      histograms("toll_timer_lateness_seconds", "How late timers fired").Add({}, lateness_seconds);
  Gauge& live = gauge("toll_live_sessions", "Sessions that are waiting or active");
  Gauge& timers = gauge("toll_timers", "Timers set: one for each live session");
  Gauge& actors =
      gauge("toll_actors_in_memory", "Sessions, subscriptions and doctors that are not at rest");
  Counter& entered = counters("toll_actors_entered_total",
                              "How often one of them had to do what is not done at rest")
                         .Add({});
  Gauge& waiting = gauge("toll_gates_waiting",
                         "Requests taken and not yet answered, and what they and timers cause");
  Gauge& last_seq = gauge("toll_journal_last_seq", "Last sequence number assigned");
  Gauge& durable_seq = gauge("toll_journal_durable_seq", "Last sequence number on disk");
  Gauge& applied_seq = gauge("toll_rows_applied_seq", "Last sequence number folded into rows");
  Family<Counter>& clock_steps =
      counters("toll_clock_steps_total", "Steps of the wall clock by a second or more");
  Counter& forward_steps = clock_steps.Add({{"direction", "forward"}});
  Counter& back_steps = clock_steps.Add({{"direction", "back"}});
  Gauge& clock_ahead =
      gauge("toll_clock_ahead_seconds", "How far server time is ahead of the wall clock");
  Gauge& clock_astray = gauge("toll_clock_astray_seconds",
                              "How far a wall clock that is not followed is ahead of server time, "
                              "behind if negative");
  Family<Gauge>& degraded =
      gauges("toll_degraded", "1 while it does not do all that it should, for this reason");
  Gauge& history_left = gauge("toll_history_unchecked_bytes",
                              "Of old tables of the journal that this start has still to check");
  Gauge& history_damaged =
      gauge("toll_history_damaged_tables", "Old tables of the journal that are damaged");
  Gauge& connections = gauge("toll_connections", "Open connections");
  Gauge& answer_bytes = gauge("toll_answer_bytes_waiting", "Bytes of answers not taken yet");
  Gauge& request_bytes =
      gauge("toll_request_bytes_waiting", "Announced bytes of bodies that are still arriving");
  Gauge& streams = gauge("toll_streams", "Open streams of events");
  Counter& streams_dropped =
      counters("toll_streams_dropped_total", "Streams closed because the client did not read")
          .Add({});
  /// By role, the last place for nobody's.
  std::array<std::array<Counter*, access::role_names.size() + 1>, limit_names.size()> limits{};
  Family<Counter>& unusable = counters(
      "toll_files_unusable_total", "Times that a file was to be read again and could not be used");
  Gauge& tokens_unreadable =
      gauge("toll_tokens_unreadable_seconds", "How long the token file cannot be used; 0: it can");
  /// Without TLS there is none, and a value of 0 would raise an alarm.
  Family<Gauge>& certificate_expiry = gauges("toll_certificate_expiry_timestamp_seconds",
                                             "Until when the certificate holds, since 1970");
  Family<Counter>& refusals = counters("toll_refusals_total", "Answers that are problems, by code");
  std::map<std::string, Counter*, std::less<>> refusals_by_code;
  Counter& replays =
      counters("toll_replays_total", "Answers that were given again to the same idempotency key")
          .Add({});
  Gauge& disk_free = gauge("toll_disk_free_bytes", "Free on the disk of the data directory");
  Gauge& disk_days =
      gauge("toll_disk_days_left",
            "Until the disk is full, if the journal goes on to grow as since the start");
  Gauge& journal_size = gauge("toll_journal_table_bytes", "Bytes of the tables of the journal");
  ProcessFigures process{registry};
  std::vector<PerRoute> by_route;

  Family<Counter>& counters(const char* name, const char* help) {
    return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
  }
  Family<Gauge>& gauges(const char* name, const char* help) {
    return prometheus::BuildGauge().Name(name).Help(help).Register(registry);
  }
  Family<Histogram>& histograms(const char* name, const char* help) {
    return prometheus::BuildHistogram().Name(name).Help(help).Register(registry);
  }
  Gauge& gauge(const char* name, const char* help) { return gauges(name, help).Add({}); }

  void add_route(std::string method, std::string path) {
    PerRoute route{{{"method", std::move(method)}, {"route", std::move(path)}}, {}, nullptr};
    route.seconds = &durations.Add(route.labels, request_seconds);
    by_route.push_back(std::move(route));
  }
};

Metrics::Metrics() : figures_(std::make_unique<Figures>()) {
  for (const char* file : {"tokens", "jwt_keys", "certificate"}) {
    figures_->unusable.Add({{"file", file}});
  }
  for (const Route& route : routes()) {
    figures_->add_route(std::string(name(route.method)), std::string(route.path));
  }
  figures_->add_route("any", "unmatched");
  figures_->gauges("toll_build_info", "1, with the version of the server")
      .Add({{"version", std::string(version)}})
      .Set(1);
  auto& limits =
      figures_->counters("toll_limits_reached_total",
                         "Requests and connections rejected or closed, by limit and role");
  for (std::size_t i = 0; i < limit_names.size(); ++i) {
    const std::string limit(limit_names[i]);
    for (std::size_t role = 0; role < access::role_names.size(); ++role) {
      figures_->limits[i][role] =
          &limits.Add({{"limit", limit}, {"role", std::string(access::role_names[role])}});
    }
    figures_->limits[i].back() = &limits.Add({{"limit", limit}, {"role", "none"}});
  }
}

Metrics::~Metrics() = default;

std::size_t Metrics::unmatched() { return routes().size(); }

void Metrics::request(std::size_t route, unsigned status, double seconds) {
  Figures::PerRoute& of_route = figures_->by_route[route];
  const std::size_t i = place_of(status);
  if (!of_route.by_status[i]) {
    prometheus::Labels labels = of_route.labels;
    labels.emplace("status", std::to_string(status));
    of_route.by_status[i] = &figures_->requests.Add(labels);
  }
  of_route.by_status[i]->Increment();
  of_route.seconds->Observe(seconds);
}

void Metrics::refused(std::string_view code) {
  auto found = figures_->refusals_by_code.find(code);
  if (found == figures_->refusals_by_code.end()) {
    Counter& counter = figures_->refusals.Add({{"code", std::string(code)}});
    found = figures_->refusals_by_code.emplace(code, &counter).first;
  }
  found->second->Increment();
}

void Metrics::replayed() { figures_->replays.Increment(); }

void Metrics::group_written(const persistence::GroupWritten& group) {
  figures_->groups.Increment();
  figures_->bytes.Increment(static_cast<double>(group.bytes));
  figures_->records.Observe(static_cast<double>(group.records));
  figures_->syncs.Observe(group.sync_seconds);
}

void Metrics::timer_fired(billing::Instant lateness_ms) {
  figures_->lateness.Observe(static_cast<double>(lateness_ms) / 1000);
}

void Metrics::clock_stepped(billing::Instant by_ms) {
  (by_ms < 0 ? figures_->back_steps : figures_->forward_steps).Increment();
}

void Metrics::set_streams(std::size_t open) { figures_->streams.Set(static_cast<double>(open)); }

void Metrics::file_unusable(std::string_view file) {
  figures_->unusable.Add({{"file", std::string(file)}}).Increment();
}

void Metrics::set_tokens_unreadable(std::chrono::steady_clock::duration so_long) {
  figures_->tokens_unreadable.Set(std::chrono::duration<double>(so_long).count());
}

void Metrics::set_certificate_expiry(std::time_t until) {
  figures_->certificate_expiry.Add({}).Set(static_cast<double>(until));
}

void Metrics::stream_dropped() { figures_->streams_dropped.Increment(); }

void Metrics::set_waiting_bytes(std::size_t answers, std::size_t requests) {
  figures_->answer_bytes.Set(static_cast<double>(answers));
  figures_->request_bytes.Set(static_cast<double>(requests));
}

void Metrics::limit_reached(Limit limit, std::optional<access::Role> role) {
  auto& by_role = figures_->limits[static_cast<std::size_t>(limit)];
  (role ? by_role[static_cast<std::size_t>(*role)] : by_role.back())->Increment();
}

std::string Metrics::text(const actors::EngineStats& stats,
                          const std::vector<actors::Degraded>& degraded, std::size_t connections) {
  Figures& figures = *figures_;
  // The engine counts these itself; a counter can only be moved on to where it stands.
  const auto move_to = [](Counter& counter, std::int64_t value) {
    counter.Increment(static_cast<double>(value) - counter.Value());
  };
  move_to(figures.deductions, stats.units_deducted);
  move_to(figures.entered, stats.actors_entered);
  move_to(figures.forgiven, stats.intervals_forgiven);
  for (const billing::EndReason reason : billing::end_reasons) {
    move_to(figures.ended.Add({{"reason", std::string(name(reason))}}),
            stats.tally.ended[static_cast<std::size_t>(reason)]);
  }
  for (const auto& [currency, sums] : stats.tally.money) {
    const prometheus::Labels labels{{"currency", std::string(currency.view())}};
    move_to(figures.earned.Add(labels), sums.earned);
    move_to(figures.refunded.Add(labels), sums.refunded);
  }
  figures.live.Set(static_cast<double>(stats.live_sessions));
  figures.timers.Set(static_cast<double>(stats.timers));
  figures.actors.Set(static_cast<double>(stats.actors_in_memory));
  figures.waiting.Set(static_cast<double>(stats.asks_under_way));
  figures.last_seq.Set(static_cast<double>(stats.last_seq));
  figures.durable_seq.Set(static_cast<double>(stats.durable_seq));
  figures.applied_seq.Set(static_cast<double>(stats.applied_seq));
  figures.clock_ahead.Set(static_cast<double>(stats.clock_ahead_ms) / 1000);
  for (const actors::Degraded reason : actors::all_degraded) {
    const bool now = std::find(degraded.begin(), degraded.end(), reason) != degraded.end();
    figures.degraded.Add({{"reason", std::string(name(reason))}}).Set(now ? 1 : 0);
  }
  figures.history_left.Set(static_cast<double>(stats.history.bytes_left));
  figures.history_damaged.Set(static_cast<double>(stats.history.tables_damaged));
  figures.disk_free.Set(static_cast<double>(stats.disk.free_bytes));
  figures.journal_size.Set(static_cast<double>(stats.disk.journal_bytes));
  const double days = figures.process.update() / 86'400;
  figures.disk_days.Set(static_cast<double>(stats.disk.free_bytes) / figures.bytes.Value() * days);
  figures.clock_astray.Set(static_cast<double>(stats.clock_astray_ms) / 1000);
  figures.connections.Set(static_cast<double>(connections));
  return prometheus::TextSerializer().Serialize(figures.registry.Collect());
}

}  // namespace toll::http
