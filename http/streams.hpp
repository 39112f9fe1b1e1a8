// All event streams of one server: how many there may be and whose, and who tells them that the
// journal has grown. One waiter at the journal and one wake-up serve all of them.
#pragma once

#include <optional>
#include <unordered_map>

#include "http/accounts.hpp"
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

  /// Why `account`, null for nobody's, may not have one more: a limit, counted in the metrics.
  std::optional<Limit> refuse(const AccountPtr& account);

  void opened(EventStream* stream, AccountPtr account);
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
  std::optional<Limit> reached(const AccountPtr& account) const;

  const std::size_t most_;
  std::size_t of_persons_ = 0;  ///< of those open
  bool waiting_ = false;
  std::unordered_map<EventStream*, AccountPtr> open_;
};

}  // namespace toll::http
