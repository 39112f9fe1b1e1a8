#include "actors/scheduler.hpp"

#include <atomic>
#include <caf/all.hpp>
#include <caf/policy/unprofiled.hpp>
#include <caf/scheduler/coordinator.hpp>
#include <condition_variable>
#include <deque>
#include <mutex>

namespace toll::actors {

namespace {

using Job = caf::resumable*;

/// CAF's names for what a policy does.
class Rounds : public caf::policy::unprofiled {
 public:
  /// What came from other threads, and what a worker leaves to the others.
  struct coordinator_data {
    explicit coordinator_data(caf::scheduler::abstract_coordinator*) {}

    std::mutex mutex;
    std::condition_variable came;
    std::deque<Job> jobs;
    std::atomic<std::size_t> sleeping{0};  ///< workers; changed with the mutex held
  };

  struct worker_data {
    explicit worker_data(caf::scheduler::abstract_coordinator*) {}

    std::deque<Job> round;
    std::deque<Job> next_round;
  };

  template <class Coordinator>
  void central_enqueue(Coordinator* coordinator, Job job) {
    auto& shared = d(coordinator);
    bool wake = false;
    {
      const std::lock_guard lock(shared.mutex);
      shared.jobs.push_back(job);
      wake = shared.sleeping > 0;
    }
    if (wake) shared.came.notify_one();
  }

  template <class Worker>
  void external_enqueue(Worker* worker, Job job) {
    central_enqueue(worker->parent(), job);
  }

  template <class Worker>
  void internal_enqueue(Worker* worker, Job job) {
    if (d(worker->parent()).sleeping > 0) return central_enqueue(worker->parent(), job);
    d(worker).next_round.push_back(job);
  }

  template <class Worker>
  void resume_job_later(Worker* worker, Job job) {
    internal_enqueue(worker, job);
  }

  template <class Worker>
  Job dequeue(Worker* worker) {
    auto& own = d(worker);
    if (own.round.empty()) begin_round(*worker->parent(), own);
    const Job job = own.round.front();
    own.round.pop_front();
    return job;
  }

  template <class Worker, class Function>
  void foreach_resumable(Worker* worker, Function function) {
    for (auto* jobs : {&d(worker).round, &d(worker).next_round}) {
      for (const Job job : *jobs) function(job);
      jobs->clear();
    }
  }

  template <class Coordinator, class Function>
  void foreach_central_resumable(Coordinator* coordinator, Function function) {
    for (const Job job : d(coordinator).jobs) function(job);
    d(coordinator).jobs.clear();
  }

 private:
  /// What its own actors woke during the last round, and its share of what came from outside: so
  /// neither can keep the other waiting.
  template <class Coordinator>
  void begin_round(Coordinator& coordinator, worker_data& own) {
    own.round.swap(own.next_round);
    auto& shared = d(&coordinator);
    std::unique_lock lock(shared.mutex);
    if (own.round.empty() && shared.jobs.empty()) {
      ++shared.sleeping;
      shared.came.wait(lock, [&] { return !shared.jobs.empty(); });
      --shared.sleeping;
    }
    if (coordinator.num_workers() == 1 && own.round.empty()) return own.round.swap(shared.jobs);
    const std::size_t share =
        (shared.jobs.size() + coordinator.num_workers() - 1) / coordinator.num_workers();
    const auto end = shared.jobs.begin() + static_cast<std::ptrdiff_t>(share);
    own.round.insert(own.round.end(), shared.jobs.begin(), end);
    shared.jobs.erase(shared.jobs.begin(), end);
  }
};

/// The clock of actors that set no timeouts has none to cancel.
class Clock final : public caf::detail::thread_safe_actor_clock {
 public:
  void cancel_timeouts(caf::abstract_actor*) override {}
};

class Scheduler final : public caf::scheduler::coordinator<Rounds> {
 public:
  using coordinator::coordinator;

  static caf::actor_system::module* make(caf::actor_system& system, caf::detail::type_list<>) {
    return new Scheduler(system);
  }

  caf::detail::thread_safe_actor_clock& clock() noexcept override { return clock_; }

 private:
  Clock clock_;
};

}  // namespace

void schedule_in_rounds(caf::actor_system_config& config, std::size_t worker_threads) {
  config.load<Scheduler>();
  config.set("scheduler.max-threads", worker_threads);
  // By default a busy actor keeps its worker to itself as long as it has messages.
  config.set("scheduler.max-throughput", std::size_t{300});
}

}  // namespace toll::actors
