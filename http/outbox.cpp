#include "http/outbox.hpp"

namespace toll::http {

void Outbox::push(std::shared_ptr<Delivery> delivery) {
  bool first = false;
  {
    const std::lock_guard lock(mutex_);
    first = waiting_.empty();
    waiting_.push_back(std::move(delivery));
  }
  if (first) wake_();
}

void Outbox::deliver_all() {
  {
    const std::lock_guard lock(mutex_);
    delivering_.swap(waiting_);
  }
  for (const auto& delivery : delivering_) delivery->deliver();
  delivering_.clear();
}

}  // namespace toll::http
