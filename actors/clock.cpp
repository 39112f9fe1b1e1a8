#include "actors/clock.hpp"

#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <utility>

namespace toll::actors {

using namespace std::chrono_literals;
using billing::Instant;

namespace {

template <class SomeClock>
Instant read_ms() {
  const auto since_epoch = SomeClock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(since_epoch).count();
}

Instant steady_clock() { return read_ms<std::chrono::steady_clock>(); }

/// How long a thread sleeps at most before it looks at the wall clock again, which may have
/// stepped.
constexpr std::chrono::milliseconds longest_nap = 500ms;

}  // namespace

Instant wall_clock() { return read_ms<std::chrono::system_clock>(); }

Clock::Clock(Instant last_recorded, std::optional<Instant> test_start,
             std::function<Instant()> wall)
    : test_(test_start.has_value()),
      wall_(std::move(wall)),
      latest_(std::max(last_recorded, test_start.value_or(0))) {}

Instant Clock::now() {
  if (!test_) move_to(wall_());
  return latest_.load(std::memory_order_acquire);
}

Instant Clock::ahead_ms() const {
  if (test_) return 0;
  return std::max<Instant>(0, latest_.load(std::memory_order_acquire) - wall_());
}

void Clock::move_to(Instant instant) {
  Instant seen = latest_.load(std::memory_order_relaxed);
  while (seen < instant && !latest_.compare_exchange_weak(seen, instant)) {
  }
}

Instant StepWatch::look(Instant wall_ms, Instant steady_ms) {
  const Instant difference_ms = wall_ms - steady_ms;
  const Instant by_ms = difference_ms - difference_ms_.value_or(difference_ms);
  difference_ms_ = difference_ms;
  return std::abs(by_ms) >= big_ms ? by_ms : 0;
}

Alarm::Alarm(Clock& clock, std::function<void(Instant)> ring)
    : clock_(clock), ring_(std::move(ring)), thread_([this] { run(); }) {}

void Alarm::stop() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void Alarm::set(Instant due) {
  {
    const std::lock_guard lock(mutex_);
    due_ = due;
  }
  changed_.notify_one();
}

void Alarm::run() {
  pthread_setname_np(pthread_self(), "toll.alarm");
  std::unique_lock lock(mutex_);
  while (!stop_) {
    if (!due_) {
      changed_.wait(lock);
      continue;
    }
    const Instant now = clock_.now();
    if (now >= *due_) {
      due_.reset();
      lock.unlock();
      ring_(now);
      lock.lock();
      continue;
    }
    // A test clock is moved by its owner, who rings himself.
    if (clock_.is_test_clock()) {
      changed_.wait(lock);
    } else {
      changed_.wait_for(lock, std::min(longest_nap, std::chrono::milliseconds(*due_ - now)));
    }
  }
}

Heartbeat::Heartbeat(Clock& clock, std::function<void(Instant)> record,
                     std::function<void(Instant by_ms)> on_step)
    : clock_(clock),
      record_(std::move(record)),
      on_step_(std::move(on_step)),
      thread_([this] { run(); }) {}

Heartbeat::~Heartbeat() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void Heartbeat::beat(std::function<void()> done) {
  {
    const std::lock_guard lock(mutex_);
    asked_.push_back(std::move(done));
  }
  changed_.notify_one();
}

void Heartbeat::watch_steps() {
  if (clock_.is_test_clock()) return;
  const Instant before = steady_clock();
  const Instant wall = wall_clock();
  // Suspended between the two, they say nothing about each other.
  if (steady_clock() - before >= StepWatch::big_ms / 2) return;
  if (const Instant by_ms = steps_.look(wall, before); by_ms != 0) on_step_(by_ms);
}

void Heartbeat::run() {
  pthread_setname_np(pthread_self(), "toll.heartbeat");
  std::unique_lock lock(mutex_);
  bool last = false;
  while (!last) {
    changed_.wait_for(lock, longest_nap, [this] { return stop_ || !asked_.empty(); });
    last = stop_;
    const auto asked = std::exchange(asked_, {});
    lock.unlock();
    record_(clock_.now());
    watch_steps();
    for (const auto& done : asked) done();
    lock.lock();
  }
}

}  // namespace toll::actors
