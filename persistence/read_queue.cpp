#include "persistence/read_queue.hpp"

#include <limits>

namespace toll::persistence {

bool ReadQueue::add(billing::Seq at_least, Read read) {
  {
    const std::lock_guard lock(mutex_);
    if (at_least > applied_) {
      waiting_.emplace(at_least, std::move(read));
      return true;
    }
    possible_.push_back(std::move(read));
  }
  wake_.notify_one();
  return false;
}

void ReadQueue::publish(billing::Seq applied) {
  {
    const std::lock_guard lock(mutex_);
    applied_ = applied;
    const auto end = waiting_.upper_bound(applied);
    for (auto read = waiting_.begin(); read != end; ++read) {
      possible_.push_back(std::move(read->second));
    }
    waiting_.erase(waiting_.begin(), end);
  }
  wake_.notify_one();
}

billing::Seq ReadQueue::first_wanted() const {
  const std::lock_guard lock(mutex_);
  return waiting_.empty() ? std::numeric_limits<billing::Seq>::max() : waiting_.begin()->first;
}

std::optional<Read> ReadQueue::take() {
  const std::lock_guard lock(mutex_);
  return take_locked();
}

std::optional<Read> ReadQueue::take_locked() {
  if (possible_.empty()) return std::nullopt;
  Read read = std::move(possible_.front());
  possible_.pop_front();
  return read;
}

std::optional<Read> ReadQueue::wait() {
  std::unique_lock lock(mutex_);
  wake_.wait(lock, [this] { return !possible_.empty() || stopping_; });
  return take_locked();
}

void ReadQueue::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
}

}  // namespace toll::persistence
