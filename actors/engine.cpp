#include "actors/engine.hpp"

#include <algorithm>
#include <chrono>
#include <future>

#include "actors/alarm.hpp"
#include "actors/clock_keeper.hpp"
#include "actors/core.hpp"
#include "actors/heartbeat.hpp"
#include "actors/scheduler.hpp"

namespace toll::actors {

namespace {

using billing::Instant;

class Config : public caf::actor_system_config {
 public:
  explicit Config(std::size_t worker_threads) { schedule_in_rounds(*this, worker_threads); }
};

class Durable final : public persistence::Waiter {
 public:
  void durable() noexcept override { reached_.set_value(); }

  /// Waits until everything that was appended is on disk.
  static void wait(persistence::Journal& journal) {
    const auto waiter = std::make_shared<Durable>();
    journal.when_durable(journal.last(), waiter);
    waiter->reached_.get_future().wait();
  }

 private:
  std::promise<void> reached_;
};

void wait_for_none(std::atomic<std::int64_t>& asks) {
  for (std::int64_t n = asks; n != 0; n = asks) asks.wait(n);
}

class RunningEngine final : public Engine {
 public:
  explicit RunningEngine(EngineOptions options)
      : on_timer_(std::move(options.on_timer)),
        on_clock_step_(std::move(options.on_clock_step)),
        limits_(options.limits),
        directory_(options.storage.directory),
        storage_(persistence::Storage::open(std::move(options.storage))),
        clock_accepted_(believe_clock(options)),
        clock_(storage_->recovered().last_recorded, options.test_clock,
               storage_->recovered().clock_offset),
        keeper_(clock_, storage_->journal(), storage_->recovered().clock_offset.has_value()),
        config_(options.worker_threads),
        alarm_(clock_, [this](Instant now) { caf::anon_send(core_.timer(), Tick{now}); }),
        core_(config_, *storage_, core_options(options)) {
    const Clock::View at_start = clock_.view();
    if (at_start.ahead_ms >= StepWatch::big_ms && !at_start.offset) {
      clock_stepped(-at_start.ahead_ms);
    }
    if (clock_accepted_) {
      storage_->journal().append(clock_.now(),
                                 billing::ClockAccepted{storage_->recovered().last_recorded});
    }
    std::promise<void> ready;
    core_.recover([&ready] { ready.set_value(); });
    ready.get_future().wait();
    Durable::wait(storage_->journal());
    // From here on a crash begins an outage of its own.
    heartbeat_.emplace(clock_, Heartbeat::Hooks{[this](Instant now) { beat(now); },
                                                [this](Instant now) {
                                                  core_.watch();
                                                  storage_->record_time(now);
                                                },
                                                [this](Instant by_ms) { clock_stepped(by_ms); }});
    beat_once();

    report_.recovered = storage_->recovered();
    report_.live_sessions = static_cast<std::size_t>(core_.counters().live_sessions.load());
    report_.intervals_charged = core_.counters().units_deducted;
    report_.intervals_forgiven = core_.counters().intervals_forgiven;
    report_.sessions_ended = core_.counters().sessions_ended;
    report_.clock_synchronised = kernel_clock().synchronised;
    report_.seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - began_).count();
  }

  ~RunningEngine() override {
    shut_down();
    alarm_.stop();  // it rings the core's timer
  }

  const StartReport& report() const override { return report_; }
  const billing::PolicyBook& policies() const override { return core_.policies(); }
  Instant now() const override { return clock_.now(); }
  bool has_test_clock() const override { return clock_.is_test_clock(); }

  bool has_capacity() const override { return !shutting_down_ && core_.has_capacity(); }

  std::int64_t lists_left() const override { return limits_.asks_at_door - lists_under_way_; }

  std::optional<Degraded> refuses_changes() const override { return core_.refuses_changes(); }
  void refuse_callers(bool refused) override { core_.refuse_callers(refused); }
  bool takes_ends() const override { return !shutting_down_ && core_.takes_ends(); }

  std::vector<Degraded> degraded() const override {
    std::vector<Degraded> reasons;
    if (const auto why = refuses_changes()) reasons.push_back(*why);
    if (reasons.empty() && core_.refuses_callers()) reasons.push_back(Degraded::tokens_unreadable);
    const Instant astray_ms = clock_.view().astray_ms;
    if (astray_ms > 0) reasons.push_back(Degraded::clock_ahead);
    if (astray_ms < 0) reasons.push_back(Degraded::clock_behind);
    return reasons;
  }

  void submit(Command command, std::shared_ptr<Asker> asker, std::optional<billing::Cause> cause,
              std::optional<billing::Person> only_for) override {
    if (shutting_down_) return asker->answered(Unavailable{}, {});
    core_.submit(std::move(command), clock_.now(), std::move(asker), std::move(cause),
                 std::move(only_for));
  }

  void query(const std::string& whose,
             std::function<void(const persistence::Rows&)> read) override {
    ++lists_under_way_;
    storage_->read_list(storage_->journal().last(), whose,
                        [this, read = std::move(read)](const persistence::Rows& rows) {
                          read(rows);
                          if (--lists_under_way_ == 0) lists_under_way_.notify_all();
                        });
  }

  void query_journal(const std::string& whose,
                     std::function<void(const persistence::Rows&)> read) override {
    storage_->read_list(0, whose, std::move(read));
  }

  billing::Seq durable() const override { return storage_->journal().durable(); }

  void when_beyond(billing::Seq after, persistence::WaiterPtr waiter) override {
    storage_->journal().when_beyond(after, std::move(waiter));
  }

  EngineStats stats() const override {
    const persistence::Journal& journal = storage_->journal();
    const Counters& counters = core_.counters();
    const Clock::View clock = clock_.view();
    return {journal.last(),
            journal.durable(),
            journal.applied(),
            counters.live_sessions,
            counters.timers,
            counters.actors_in_memory,
            counters.actors_entered,
            counters.asks_at_door + lists_under_way_ + counters.asks_inside,
            counters.units_deducted,
            counters.intervals_forgiven,
            std::max<Instant>(0, clock.ahead_ms),
            storage_->history(),
            clock.astray_ms,
            storage_->disk(),
            storage_->tally()};
  }

  void shut_down() override {
    if (shutting_down_.exchange(true)) return;
    // In this order: what comes inside comes behind one of the door, or it is a timer's, and timers
    // begin nothing any more.
    wait_for_none(core_.counters().asks_at_door);
    wait_for_none(core_.counters().asks_inside);
    wait_for_none(lists_under_way_);
    storage_->flush();
    heartbeat_.reset();
  }

 private:
  CoreOptions core_options(const EngineOptions& wanted) {
    CoreOptions options;
    options.policy = wanted.policy;
    options.max_outage_ms = wanted.max_outage_ms;
    options.accepted_outage = wanted.accepted_outage;
    options.limits = limits_;
    options.now = [this] { return clock_.now(); };
    options.steady_ms = [] { return machine_clocks().steady; };
    options.is_stopping = [this] { return shutting_down_.load(); };
    options.hooks.set_alarm = [this](Instant due) { alarm_.set(due); };
    options.hooks.on_fired = [this](Instant due) {
      if (!clock_.is_test_clock()) on_timer_(clock_.now() - due);
    };
    if (!clock_.is_test_clock()) return options;
    const auto record = [this] {
      heartbeat_->beat([this] { caf::anon_send(core_.test_clock(), ClockMoved{}); });
    };
    options.test_clock =
        TestClockHooks{options.now, [this](Instant to) { clock_.move_to(to); }, record};
    return options;
  }

  void clock_stepped(Instant by_ms) const {
    on_clock_step_(by_ms, std::max<Instant>(0, clock_.view().ahead_ms));
  }

  /// See wait_for_clock; an empty directory has nothing that could be charged.
  bool believe_clock(const EngineOptions& options) const {
    const persistence::Recovered& found = storage_->recovered();
    if (options.test_clock || found.head == 0) return false;
    ClockCheck check;
    check.last_recorded = found.last_recorded;
    check.shown = [&] {
      return ServerTime(found.last_recorded, found.clock_offset, machine_clocks()).now();
    };
    check.accepted = [&] {
      const auto request = persistence::ClockRequest::take(directory_);
      if (!request) return false;
      request->answer(standing_at_start(request->word(), found.last_recorded, check.shown()));
      return request->word() == persistence::ClockWord::accept;
    };
    check.wait = options.wait_for_clock;
    return wait_for_clock(check);
  }

  static persistence::ClockStanding standing_at_start(persistence::ClockWord word,
                                                      Instant last_recorded, Instant shown) {
    const bool done = word != persistence::ClockWord::resume;
    const bool taken = word == persistence::ClockWord::accept;
    return {done, taken ? shown : last_recorded, taken ? 0 : last_recorded - shown,
            taken ? 0 : shown - last_recorded, 0};
  }

  void beat(Instant now) {
    core_.watch();
    storage_->record_sign_of_life(now);
    if (const auto request = persistence::ClockRequest::take(directory_)) {
      const persistence::ClockStanding standing = keeper_.obey(request->word());
      Durable::wait(storage_->journal());
      request->answer(standing);
    }
    keeper_.look();
  }

  void beat_once() {
    std::promise<void> recorded;
    heartbeat_->beat([&recorded] { recorded.set_value(); });
    recorded.get_future().wait();
  }

  const std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  std::atomic<bool> shutting_down_{false};
  std::function<void(Instant)> on_timer_;
  std::function<void(Instant, Instant)> on_clock_step_;
  const Limits limits_;
  std::atomic<std::int64_t> lists_under_way_{0};
  const std::string directory_;
  std::unique_ptr<persistence::Storage> storage_;
  const bool clock_accepted_;
  mutable Clock clock_;
  ClockKeeper keeper_;
  Config config_;
  Alarm alarm_;
  mutable Core core_;
  std::optional<Heartbeat> heartbeat_;
  StartReport report_;
};

}  // namespace

std::unique_ptr<Engine> Engine::start(EngineOptions options) {
  options.storage.clock =
      options.test_clock ? persistence::ClockKind::test : persistence::ClockKind::wall;
  return std::make_unique<RunningEngine>(std::move(options));
}

}  // namespace toll::actors
