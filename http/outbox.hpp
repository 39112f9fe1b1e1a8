// The way back from the engine's threads to the io thread: finished work is collected and handed
// over with one wake-up for as many as have gathered, because a wake-up each is what costs.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace toll::http {

/// Something to be done on the io thread.
class Delivery {
 public:
  virtual ~Delivery() = default;
  virtual void deliver() = 0;
};

class Outbox {
 public:
  /// `wake` makes the io thread call deliver_all() soon; it may be called from any thread.
  explicit Outbox(std::function<void()> wake) : wake_(std::move(wake)) {}

  /// From any thread. What the caller wrote before is visible to deliver().
  void push(std::shared_ptr<Delivery> delivery);

  /// On the io thread.
  void deliver_all();

 private:
  std::function<void()> wake_;
  std::mutex mutex_;
  std::vector<std::shared_ptr<Delivery>> waiting_;     ///< guarded by mutex_
  std::vector<std::shared_ptr<Delivery>> delivering_;  ///< of the io thread; keeps its capacity
};

}  // namespace toll::http
