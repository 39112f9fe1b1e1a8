// A queue of a few values from one thread to another, with an end that either side can make.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>

namespace toll::persistence {

template <class Value>
class Pipe {
 public:
  explicit Pipe(std::size_t most) : most_(most) {}

  /// Waits for room; false when the pipe is closed.
  bool put(Value value) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return values_.size() < most_ || closed_; });
    if (closed_) return false;
    values_.push_back(std::move(value));
    changed_.notify_all();
    return true;
  }

  /// Waits for a value; nothing when the pipe is closed and empty.
  std::optional<Value> take() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !values_.empty() || closed_; });
    if (values_.empty()) return std::nullopt;
    std::optional<Value> value = std::move(values_.front());
    values_.pop_front();
    changed_.notify_all();
    return value;
  }

  void close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    changed_.notify_all();
  }

 private:
  const std::size_t most_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Value> values_;
  bool closed_ = false;
};

}  // namespace toll::persistence
