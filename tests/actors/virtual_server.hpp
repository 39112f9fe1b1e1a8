// The real actors, journal and recovery in one thread, under virtual time: which actor runs next,
// and when the disk gets its turn, between two records of one actor as well, is chosen by a seed.
// Same seed, same run.
#pragma once

#include <caf/all.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <random>

#include "actors/clock_keeper.hpp"
#include "actors/core.hpp"
#include "persistence/storage.hpp"
#include "tests/support/simulated_disk.hpp"

namespace toll::tests {

/// One request and what came of it. A crash leaves it unanswered for ever.
struct Call {
  actors::Command command;
  billing::Instant at = 0;
  std::optional<actors::Answer> answer;
  std::uint64_t order = 0;             ///< of the answers, from 1
  billing::Seq durable_at_answer = 0;  ///< what was on disk when the answer left

  template <class T>
  const T* as() const {
    return answer ? std::get_if<T>(&*answer) : nullptr;
  }
};
using CallPtr = std::shared_ptr<Call>;

/// Thrown where the real server would end itself: a write or a sync failed. crash() comes next.
struct DiskBroke : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class VirtualServer {
 public:
  /// Uses a directory of its own below the system's temporary one, removed at the end.
  explicit VirtualServer(std::uint64_t seed, billing::Instant start,
                         std::optional<billing::Policy> policy = {}, actors::Limits limits = {});
  ~VirtualServer();

  /// Opens the data directory, recovers, and runs until ready. `between` is called before each
  /// step.
  void boot(const std::function<void()>& between = [] {});
  /// As boot(), but crashes after so many steps, and before it is on record that it is ready.
  void boot_and_crash(std::uint64_t steps);
  /// Everything that is not on disk is lost; calls under way stay unanswered. A power cut also
  /// loses what was written and not synced.
  void crash(Unsynced unsynced = Unsynced::kept);
  /// Stops without a crash, all written.
  void stop();
  bool running() const { return life_ != nullptr; }

  CallPtr issue(actors::Command command, std::optional<billing::Cause> cause = {}) {
    return issue_at(now(), std::move(command), std::move(cause));
  }
  /// As if the door had read the clock at `at` and the message had been on its way since.
  CallPtr issue_at(billing::Instant at, actors::Command command,
                   std::optional<billing::Cause> cause = {});
  /// One step of somebody, chosen by the seed; false when nobody has anything to do.
  bool step();
  void settle();
  /// Issues the command and runs everything to its end.
  CallPtr call(actors::Command command, std::optional<billing::Cause> cause = {});

  /// Real time goes by, and nobody but the server's clock notices.
  void pass(billing::Instant ms);
  /// The same, until that is server time.
  void pass_until(billing::Instant instant);
  /// The wall clock steps, and no time passes; also while the server is down.
  void step_wall(billing::Instant ms);
  /// The heartbeat looks whether changes are refused.
  void watch() { core().watch(); }
  /// The alarm rings.
  void tick();
  /// Moves the time and tells the timer.
  void advance_to(billing::Instant instant);
  std::optional<billing::Instant> alarm() const;
  billing::Instant now() const;

  std::mt19937_64& random() { return random_; }
  void reseed(std::uint64_t seed) { random_.seed(seed); }
  /// Holds from the next start on.
  void set_policy(const billing::Policy& policy) { policy_ = policy; }
  /// The n-th sync from now on fails, or of the next start when the server is down.
  void fail_at_sync(std::size_t n);
  bool disk_failed() const;
  const std::string& directory() const { return directory_; }
  std::uint64_t pick(std::uint64_t below) { return random_() % below; }
  bool has_room = true;         ///< as the disk says it
  std::int64_t writing_ms = 0;  ///< the same, of the group that it is at
  /// What the kernel says of the wall clock at a start.
  bool kernel_keeps_clock = true;
  actors::Clock& clock();
  actors::ClockKeeper& clock_keeper();
  persistence::Storage& storage();
  actors::Core& core();

 private:
  struct Life;
  bool run_one_actor();

  std::mt19937_64 random_;
  actors::Clocks clocks_;
  std::optional<billing::Policy> policy_;
  actors::Limits limits_;
  std::string directory_;
  std::uint64_t answers_ = 0;
  /// Who is slow at the moment: runs only when nobody else could, mostly.
  caf::actor_id slow_ = 0;
  std::unique_ptr<SimulatedDisk> disk_;
  std::unique_ptr<Life> life_;
};

/// As it answers when everything before is done.
inline billing::Subscription subscription_now(VirtualServer& server, const std::string& id) {
  return server.call(actors::GetSubscription{id})->as<actors::SubscriptionAnswer>()->subscription;
}

}  // namespace toll::tests
