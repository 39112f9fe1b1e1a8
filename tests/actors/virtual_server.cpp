#include "tests/actors/virtual_server.hpp"

#include <filesystem>

#include "actors/clock_check.hpp"
#include "billing/assert.hpp"
#include "tests/actors/busy_storage.hpp"

namespace toll::tests {

using billing::Instant;

namespace {

struct Config : caf::actor_system_config {
  Config() {
    set("scheduler.policy", caf::atom("testing"));
    // One message a turn: the finest interleaving.
    set("scheduler.max-throughput", std::size_t{1});
  }
};

std::string fresh_directory() {
  const bool memory = std::filesystem::exists("/dev/shm");
  std::string path =
      (memory ? "/dev/shm" : std::filesystem::temp_directory_path().string()) + "/toll-sim-XXXXXX";
  TOLL_ASSERT(mkdtemp(path.data()) != nullptr);
  return path;
}

}  // namespace

/// From one start to the next crash.
struct VirtualServer::Life {
  explicit Life(VirtualServer& server) : server(server) {
    persistence::StorageOptions options;
    options.directory = server.directory_;
    options.threads = false;
    options.env = server.disk_->env();
    options.on_broken_disk = [this](const std::string& what) {
      dying = true;  // nobody hears from it any more
      throw DiskBroke(what);
    };
    storage = std::make_unique<BusyStorage>(
        persistence::Storage::open(options), [this] { between_records(); },
        [&server] { return server.has_room; }, [&server] { return server.writing_ms; });
    believe_clock();
    const persistence::Recovered& found = storage->recovered();
    clock.emplace(found.last_recorded, std::nullopt, found.clock_offset,
                  [&server] { return server.clocks_; });
    keeper.emplace(*clock, storage->journal(), found.clock_offset.has_value());
    core = std::make_unique<actors::Core>(config, *storage, core_options());
  }

  ~Life() {
    dying = true;
    core->stop();
    drain();  // nothing of what the last messages do reaches the disk
    storage->lose();
    drain();
    core.reset();
  }

  /// As the engine does it; nobody says anything meanwhile.
  void believe_clock() const {
    const persistence::Recovered& found = storage->recovered();
    if (found.head == 0) return;
    actors::ClockCheck check;
    check.last_recorded = found.last_recorded;
    check.shown = [&] {
      return actors::ServerTime(found.last_recorded, found.clock_offset, server.clocks_).now();
    };
    check.kernel = [&] { return actors::KernelClock{server.kernel_keeps_clock, {}}; };
    check.accepted = [] { return false; };
    check.wait = {};
    actors::wait_for_clock(check);
  }

  actors::CoreOptions core_options() {
    actors::CoreOptions options;
    options.policy = server.policy_;
    options.limits = server.limits_;
    options.now = [this] { return clock->now(); };
    options.hooks.set_alarm = [this](Instant due) { alarm = due; };
    options.steady_ms = [this] { return server.clocks_.steady; };
    options.is_stopping = [this] { return dying; };
    options.hooks.on_fired = [](Instant) {};
    return options;
  }

  caf::scheduler::test_coordinator& scheduler() {
    return dynamic_cast<caf::scheduler::test_coordinator&>(core->system().scheduler());
  }

  /// Inside an actor nothing may be thrown: step() does it later.
  void between_records() {
    if (dying || server.pick(8) != 0) return;
    try {
      storage->pump();
    } catch (const DiskBroke& error) {
      broke = error;
    }
  }

  void drain() {
    while (scheduler().has_job()) scheduler().run_once();
  }

  VirtualServer& server;
  bool dying = false;
  std::optional<DiskBroke> broke;
  std::optional<Instant> alarm;
  Config config;
  std::unique_ptr<BusyStorage> storage;
  std::optional<actors::Clock> clock;
  std::optional<actors::ClockKeeper> keeper;
  std::unique_ptr<actors::Core> core;
};

namespace {

class CallAsker final : public actors::Asker {
 public:
  CallAsker(CallPtr call, std::function<void(Call&)> answered)
      : call_(std::move(call)), answered_(std::move(answered)) {}
  void answered(actors::Answer&& answer, actors::Effect) noexcept override {
    call_->answer = std::move(answer);
    answered_(*call_);
  }

 private:
  CallPtr call_;
  std::function<void(Call&)> answered_;
};

}  // namespace

VirtualServer::VirtualServer(std::uint64_t seed, Instant start,
                             std::optional<billing::Policy> policy, actors::Limits limits)
    : random_(seed),
      clocks_{start, 0},
      policy_(std::move(policy)),
      limits_(limits),
      directory_(fresh_directory()),
      disk_(std::make_unique<SimulatedDisk>()) {}

VirtualServer::~VirtualServer() {
  life_.reset();
  std::filesystem::remove_all(directory_);
}

void VirtualServer::boot(const std::function<void()>& between) {
  TOLL_ASSERT(!life_);
  life_ = std::make_unique<Life>(*this);
  // When a sync fails this is left, and the core may still say that it is ready.
  const auto ready = std::make_shared<bool>(false);
  core().recover([ready] { *ready = true; });
  while (!*ready) {
    between();
    TOLL_ASSERT(step());
  }
  settle();
  storage().record_sign_of_life(now());
}

void VirtualServer::boot_and_crash(std::uint64_t steps) {
  TOLL_ASSERT(!life_);
  life_ = std::make_unique<Life>(*this);
  const auto ready = std::make_shared<bool>(false);
  core().recover([ready] { *ready = true; });
  for (; steps > 0 && !*ready && step(); --steps) {
  }
  // A sign of life given while it recovers must not end the outage, once that is on record.
  if (storage().journal().durable() > storage().recovered().head) {
    storage().record_sign_of_life(now());
  }
  crash();
}

void VirtualServer::crash(Unsynced unsynced) {
  disk_->stop();
  if (life_) {
    try {
      life_->dying = true;
      life_->storage->record_sign_of_life(now());  // the storage learns that its disk is gone
    } catch (const DiskBroke&) {
    }
  }
  life_.reset();
  disk_->leave(unsynced);
  disk_ = std::make_unique<SimulatedDisk>();
}

void VirtualServer::stop() {
  settle();
  life_.reset();
}

void VirtualServer::fail_at_sync(std::size_t n) { disk_->fail_at_sync(n); }
bool VirtualServer::disk_failed() const { return disk_->failed(); }

CallPtr VirtualServer::issue_at(Instant at, actors::Command command,
                                std::optional<billing::Cause> cause) {
  auto call = std::make_shared<Call>(Call{std::move(command), at, {}, 0, 0});
  Life* const life = life_.get();
  core().submit(call->command, at,
                std::make_shared<CallAsker>(call,
                                            [this, life](Call& call) {
                                              if (life->dying) return call.answer.reset();
                                              call.order = ++answers_;
                                              call.durable_at_answer =
                                                  life->storage->journal().durable();
                                            }),
                std::move(cause));
  return call;
}

bool VirtualServer::step() {
  // The disk is one of those who may be next, and slower than most.
  if (pick(8) == 0 && storage().pump()) return true;
  return run_one_actor() || storage().pump();
}

namespace {

/// By id and not by address: the same seed must give the same run.
caf::actor_id id_of(caf::resumable* job) { return dynamic_cast<caf::local_actor&>(*job).id(); }

}  // namespace

bool VirtualServer::run_one_actor() {
  auto& jobs = life_->scheduler().jobs;
  if (jobs.empty()) return false;
  auto chosen = jobs.begin() + static_cast<std::ptrdiff_t>(pick(jobs.size()));
  if (pick(20) == 0) slow_ = id_of(*chosen);
  if (id_of(*chosen) == slow_ && jobs.size() > 1 && pick(10) != 0) {
    chosen = chosen == jobs.begin() ? std::prev(jobs.end()) : std::prev(chosen);
  }
  std::rotate(jobs.begin(), chosen, jobs.end());
  life_->scheduler().run_once();
  if (life_->broke) throw *life_->broke;
  return true;
}

void VirtualServer::settle() {
  while (step()) {
  }
}

CallPtr VirtualServer::call(actors::Command command, std::optional<billing::Cause> cause) {
  CallPtr made = issue(std::move(command), std::move(cause));
  settle();
  return made;
}

void VirtualServer::pass(Instant ms) {
  clocks_.wall += ms;
  clocks_.steady += ms;
  now();  // as the heartbeat does
}

void VirtualServer::pass_until(Instant instant) {
  while (now() < instant) pass(instant - now());
}

void VirtualServer::step_wall(Instant ms) {
  clocks_.wall += ms;
  now();
}

void VirtualServer::advance_to(Instant instant) {
  pass_until(instant);
  tick();
}

void VirtualServer::tick() { caf::anon_send(core().timer(), actors::Tick{now()}); }
Instant VirtualServer::now() const { return life_ ? life_->clock->now() : clocks_.wall; }
actors::Clock& VirtualServer::clock() { return *life_->clock; }
actors::ClockKeeper& VirtualServer::clock_keeper() { return *life_->keeper; }

std::optional<Instant> VirtualServer::alarm() const { return life_->alarm; }
persistence::Storage& VirtualServer::storage() { return *life_->storage; }
actors::Core& VirtualServer::core() { return *life_->core; }

}  // namespace toll::tests
