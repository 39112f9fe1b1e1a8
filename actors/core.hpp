// The actors of one server, without the threads and clocks that drive them: the engine runs a core
// under real time, the simulation under virtual time.
#pragma once

#include <functional>

#include "actors/context.hpp"
#include "actors/test_clock.hpp"
#include "actors/timer.hpp"

namespace toll::actors {

struct CoreOptions {
  std::optional<billing::Policy> policy;  ///< see EngineOptions
  Limits limits;
  TimerHooks hooks;  ///< but for may_fire, which is the core's
  std::function<billing::Instant()> now;
  std::function<std::int64_t()> steady_ms;  ///< goes on whatever the wall clock does
  std::function<bool()> is_stopping = [] { return false; };
  std::optional<TestClockHooks> test_clock;
  billing::Instant max_outage_ms = billing::Outages::usual_max_ms;
  std::optional<AcceptedOutage> accepted_outage;
};

class Core {
 public:
  /// `config` outlives the core.
  Core(caf::actor_system_config& config, persistence::Storage& storage, CoreOptions options);
  ~Core();  ///< stops, and waits until every actor is gone
  Core(const Core&) = delete;
  Core& operator=(const Core&) = delete;

  /// Rule 6: records that the outage began, brings every live session back, charges or forgives
  /// what the outage made due, records that it is over, and then calls `ready`, on any thread.
  void recover(std::function<void()> ready);

  /// Ends the actors; asks under way are answered Unavailable.
  void stop();

  /// See Engine::submit.
  void submit(Command command, billing::Instant at, std::shared_ptr<Asker> asker,
              std::optional<billing::Cause> cause = std::nullopt,
              std::optional<billing::Person> only_for = std::nullopt);

  /// False when the door must refuse (rule 10): as many asks as it may take are not answered, or
  /// the rows or the disk are too far behind.
  bool has_capacity() const;

  /// Why changes are refused, which is also noticed here: while that lasts, and until what fell due
  /// meanwhile is done.
  std::optional<Degraded> refuses_changes();
  /// Callers are refused, or not any more, because nobody can say who they are. Whoever is known
  /// all the same is served, but it is an outage as if changes were refused.
  void refuse_callers(bool refused);
  bool refuses_callers() const { return callers_refused_; }
  /// Whether ends are taken while other changes are refused: from room and capacity kept for them.
  bool takes_ends();
  /// Called about twice a second once it is ready: begins an outage when changes have been refused
  /// for long, and ends it when that is over.
  void watch();

  Counters& counters() { return counters_; }
  const billing::PolicyBook& policies() const { return *context_.policies; }
  const TimerActor& timer() const { return context_.timer; }
  const TestClockActor& test_clock() const { return context_.test_clock; }
  Directory& directory() { return *context_.directory; }
  caf::actor_system& system() { return system_; }

 private:
  void begin_outage();
  void record_policy(const std::optional<billing::Policy>& wanted);
  void catch_up();
  bool caught_up(std::optional<billing::Instant> next_due);
  std::optional<Degraded> refusal();
  Fire may_fire();

  persistence::Storage& storage_;
  CoreOptions options_;
  Counters counters_;
  std::shared_ptr<billing::PolicyBook> policies_;
  OutageKeeper outages_;
  Context context_;
  std::function<void()> ready_;
  std::atomic<bool> catching_up_{false};
  std::atomic<bool> callers_refused_{false};
  caf::actor_system system_;  ///< last: the actors use what is above
};

}  // namespace toll::actors
