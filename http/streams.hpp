// All event streams of one server: how many there may be, and who tells them that the journal has
// grown. One waiter at the journal and one wake-up serve all of them.
#pragma once

#include <unordered_set>

#include "http/metrics.hpp"
#include "http/outbox.hpp"

namespace toll::http {

class EventStream;

class Streams final : public persistence::Waiter,
                      public Delivery,
                      public std::enable_shared_from_this<Streams> {
 public:
  /// The references outlive the object.
  Streams(actors::Engine& engine, Outbox& outbox, Metrics& metrics, std::size_t most)
      : engine_(engine), outbox_(outbox), metrics_(metrics), most_(most) {}

  bool full() const { return open_.size() >= most_; }
  void opened(EventStream* stream);
  void closed(EventStream* stream);
  void dropped() { metrics_.stream_dropped(); }

  /// Has every stream look again once something after `seq` is durable. Everything up to `seq` was
  /// durable when it was read, so whoever waits already misses nothing.
  void wake_beyond(billing::Seq seq);

  void durable() noexcept override;
  void deliver() override;

 private:
  actors::Engine& engine_;
  Outbox& outbox_;
  Metrics& metrics_;
  const std::size_t most_;
  bool waiting_ = false;
  std::unordered_set<EventStream*> open_;
};

}  // namespace toll::http
