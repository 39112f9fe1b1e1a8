#include "actors/alarm.hpp"

#include <pthread.h>

#include <algorithm>

namespace toll::actors {

using billing::Instant;

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

}  // namespace toll::actors
