#include "actors/heartbeat.hpp"

#include <pthread.h>

#include <utility>

#include "actors/alarm.hpp"

namespace toll::actors {

using billing::Instant;

Heartbeat::Heartbeat(Clock& clock, Hooks hooks)
    : clock_(clock), hooks_(std::move(hooks)), thread_([this] { run(); }) {}

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
  const Clocks clocks = machine_clocks();
  // Suspended between the two, they say nothing about each other.
  if (machine_clocks().steady - clocks.steady >= StepWatch::big_ms / 2) return;
  if (const Instant by_ms = steps_.look(clocks); by_ms != 0) hooks_.on_step(by_ms);
}

void Heartbeat::run() {
  pthread_setname_np(pthread_self(), "toll.heartbeat");
  std::unique_lock lock(mutex_);
  bool last = false;
  auto due = std::chrono::steady_clock::now();
  while (!last) {
    changed_.wait_until(lock, due, [this] { return stop_ || !asked_.empty(); });
    last = stop_;
    const auto asked = std::exchange(asked_, {});
    lock.unlock();
    const bool is_due = last || std::chrono::steady_clock::now() >= due;
    (is_due ? hooks_.sign_of_life : hooks_.time)(clock_.now());
    if (is_due) due = std::chrono::steady_clock::now() + longest_nap;
    watch_steps();
    for (const auto& done : asked) done();
    lock.lock();
  }
}

}  // namespace toll::actors
