// The journal as the actors see it: one totally ordered list of facts, written ahead of every
// answer. All functions may be called from any thread.
#pragma once

#include <memory>

#include "billing/facts.hpp"

namespace toll::persistence {

/// Somebody who waits until the disk has what his answer rests on.
class Waiter {
 public:
  virtual ~Waiter() = default;

  /// Called exactly once: on the journal's thread, or on the caller's own when it was durable
  /// already. Must not block and must not call the journal.
  virtual void durable() noexcept = 0;
};
using WaiterPtr = std::shared_ptr<Waiter>;

class Journal {
 public:
  virtual ~Journal() = default;

  /// Rule 1: assigns the sequence number under one mutex and returns it, before any message or
  /// answer that rests on the record is sent. Never blocks on the disk and never refuses.
  /// `cause` is null unless the record completes a request with an idempotency key.
  virtual billing::Seq append(billing::Instant at, const billing::Fact& fact,
                              const billing::Cause* cause = nullptr) = 0;

  /// Several records of one change, with sequence numbers one after another: the disk gets all of
  /// them or none. The last one carries the cause. Returns the first number.
  virtual billing::Seq append_all(billing::Instant at, const std::vector<billing::Fact>& facts,
                                  const billing::Cause* cause = nullptr) = 0;

  /// The last assigned sequence number: the gate of an answer given now (rule 2).
  virtual billing::Seq last() const = 0;

  /// The last sequence number that is on disk.
  virtual billing::Seq durable() const = 0;

  /// The last sequence number whose effects the rows show: what an entity knew may be forgotten
  /// only when its own last fact is at or below it (rule 5).
  virtual billing::Seq applied() const = 0;

  /// Bytes of records that wait for the disk: the door refuses when they are too many (rule 10).
  virtual std::size_t waiting_bytes() const = 0;

  /// How long the disk has been writing the group that it is at; 0 when it is at none.
  virtual std::int64_t writing_ms() const = 0;

  /// Opens the gate of `waiter` once everything up to `seq` is durable. Registering and raising the
  /// durable mark share one mutex, so no waiter is missed (rule 2).
  virtual void when_durable(billing::Seq seq, WaiterPtr waiter) = 0;

  /// Tells `waiter` once there is a durable record after `after`, assigned already or not: how the
  /// event streams follow. Costs the journal nothing while nobody has asked.
  virtual void when_beyond(billing::Seq after, WaiterPtr waiter) = 0;
};

}  // namespace toll::persistence
