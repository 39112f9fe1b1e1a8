// The engine: the whole server without its door. Opens the data directory, recovers, starts the
// actors and the clock, and answers commands and list queries. All functions from any thread.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "actors/ask.hpp"
#include "actors/clock_check.hpp"
#include "actors/degraded.hpp"
#include "actors/limits.hpp"
#include "actors/outage_keeper.hpp"
#include "persistence/storage.hpp"

namespace toll::actors {

struct EngineOptions {
  persistence::StorageOptions storage;
  /// A policy different from the recorded one is a new version; absent: the recorded one, or the
  /// default.
  std::optional<billing::Policy> policy;
  /// Present: time starts here (or at the last recorded time, if later) and stands still.
  std::optional<billing::Instant> test_clock;
  /// How long a start waits for a wall clock that it can believe.
  std::chrono::milliseconds wait_for_clock{3000};
  /// Boundaries of an outage so long after its beginning are charged at most, but for the one that
  /// the operator has accepted.
  billing::Instant max_outage_ms = billing::Outages::usual_max_ms;
  std::optional<AcceptedOutage> accepted_outage;
  std::size_t worker_threads = 1;
  Limits limits;
  /// Called for each timer that fired, with how late it was.
  std::function<void(billing::Instant lateness_ms)> on_timer = [](billing::Instant) {};
  /// Called when the wall clock has stepped by a second or more, back if `by_ms` is negative, or
  /// stands before the last recorded time at a start. Server time is then ahead of it by
  /// `ahead_ms`.
  std::function<void(billing::Instant by_ms, billing::Instant ahead_ms)> on_clock_step =
      [](billing::Instant, billing::Instant) {};
};

/// What a start found and did, for the start line of the log.
struct StartReport {
  persistence::Recovered recovered;
  std::size_t live_sessions = 0;
  std::int64_t intervals_charged = 0;
  std::int64_t intervals_forgiven = 0;
  std::int64_t sessions_ended = 0;
  bool clock_synchronised = false;  ///< so the kernel says
  double seconds = 0;
};

/// Figures of this moment, for /metrics.
struct EngineStats {
  billing::Seq last_seq = 0;
  billing::Seq durable_seq = 0;
  billing::Seq applied_seq = 0;
  std::int64_t live_sessions = 0;
  std::int64_t timers = 0;  ///< set
  std::int64_t actors_in_memory = 0;
  std::int64_t actors_entered = 0;  ///< since the start
  std::int64_t asks_under_way = 0;  ///< at the door and inside, gates waiting included
  std::int64_t units_deducted = 0;  ///< since the start
  std::int64_t intervals_forgiven = 0;
  billing::Instant clock_ahead_ms = 0;   ///< server time, of the wall clock
  persistence::HistoryState history;     ///< tables of the journal that the start left for later
  billing::Instant clock_astray_ms = 0;  ///< the wall clock, of server time, if not followed
  persistence::DiskState disk;
  persistence::Tally tally;
};

class Engine {
 public:
  /// Recovers, charges or forgives what is due, and only then returns. Throws
  /// persistence::StorageError, and ClockNotBelieved before anything is charged.
  static std::unique_ptr<Engine> start(EngineOptions options);
  virtual ~Engine() = default;

  virtual const StartReport& report() const = 0;
  virtual const billing::PolicyBook& policies() const = 0;

  /// The server's clock; never goes back.
  virtual billing::Instant now() const = 0;
  virtual bool has_test_clock() const = 0;

  /// False when the door must refuse: too many asks under way, rows too far behind, or shutdown.
  virtual bool has_capacity() const = 0;
  /// Callers are refused, or not any more, because nobody can say who they are: that is an outage
  /// for all, though whoever is known is served.
  virtual void refuse_callers(bool refused) = 0;

  /// How many more lists may be under way; the door must refuse them when none may.
  virtual std::int64_t lists_left() const = 0;
  /// Why changes must be refused, if they must. Ends may be taken all the same: from room and
  /// capacity that are kept for them.
  virtual std::optional<Degraded> refuses_changes() const = 0;
  virtual bool takes_ends() const = 0;
  /// Why it does not do all that it should; as a rule there is nothing.
  virtual std::vector<Degraded> degraded() const = 0;

  /// Hands the command to the actor that owns it. The asker hears exactly once. `cause`, without
  /// counters, for a request with an idempotency key: done once, and answered again for 30 days.
  /// `only_for`: the person whom alone the command may concern.
  virtual void submit(Command command, std::shared_ptr<Asker> asker,
                      std::optional<billing::Cause> cause,
                      std::optional<billing::Person> only_for = std::nullopt) = 0;

  /// Runs `read` on the lists' thread, on rows that show every change acknowledged before now. Each
  /// of those who have lists waiting, by `whose`, has one done in turn.
  virtual void query(const std::string& whose,
                     std::function<void(const persistence::Rows&)> read) = 0;

  /// The same on rows as they are, which may be behind: for what comes from the journal.
  virtual void query_journal(const std::string& whose,
                             std::function<void(const persistence::Rows&)> read) = 0;

  /// The last sequence number on disk.
  virtual billing::Seq durable() const = 0;

  /// Tells `waiter` once, on any thread, when there is a durable record after `after`.
  virtual void when_beyond(billing::Seq after, persistence::WaiterPtr waiter) = 0;

  virtual EngineStats stats() const = 0;

  /// Finishes what is under way and makes it durable. Asks that come later are answered
  /// Unavailable.
  virtual void shut_down() = 0;
};

}  // namespace toll::actors
