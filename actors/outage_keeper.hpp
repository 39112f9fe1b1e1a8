// Keeps the outages of this server: whoever has something due asks here what decides about it, and
// how they begin and end goes on record here. A server that must refuse changes is in an outage as
// one that is down, if that lasts, or if a session is charged meanwhile. From any thread.
#pragma once

#include <atomic>
#include <mutex>

#include "actors/degraded.hpp"
#include "billing/outage.hpp"
#include "persistence/journal.hpp"

namespace toll::actors {

/// An operator's word about the outage that this instant lies in.
struct AcceptedOutage {
  billing::Instant instant = 0;
  billing::OutageVerdict verdict = billing::OutageVerdict::bill;
};

class OutageKeeper {
 public:
  /// `known`: what the journal says. It outlives the keeper. Refusals that last so long are an
  /// outage.
  OutageKeeper(persistence::Journal& journal, billing::Outages known,
               std::int64_t longest_refusal_ms);

  bool under_way() const { return under_way_; }

  /// What decides about boundaries up to `last`, at `now`: nothing, as a rule. Where changes have
  /// been refused since before `last`, an outage begins with that, if none has.
  billing::Outages current(billing::Instant last, billing::Instant now);

  /// Records that an outage began, unless one is under way.
  void begin(billing::Instant since, billing::Instant now);

  /// Records the operator's word, if it is about the outage under way and new.
  void judge(const AcceptedOutage& accepted, billing::Instant now);

  /// Records that the one under way is over, if there is one: all that fell into it is done.
  void end(billing::Instant now);

  /// Changes are refused at `now`, maybe not for the first time.
  void refused(Degraded why, billing::Instant now, std::int64_t steady_ms);
  /// They are not, or not any more. An outage that is under way goes on until end().
  void not_refused(billing::Instant now, std::int64_t steady_ms);
  /// Records that an outage began, if they have been refused for long.
  void look(billing::Instant now, std::int64_t steady_ms);

  /// Whether they were refused when that was looked at last.
  bool refuses() const { return refused_since_ != 0; }
  /// Why they were refused last.
  Degraded why() const { return why_; }

 private:
  // With the mutex held.
  void begin_now(billing::Instant since, billing::Instant now);
  void begin_if_long(billing::Instant now, std::int64_t steady_ms);

  persistence::Journal& journal_;
  const std::int64_t longest_refusal_ms_;
  mutable std::mutex mutex_;
  billing::Outages outages_;
  std::int64_t refused_since_steady_ms_ = 0;
  std::atomic<bool> under_way_;
  std::atomic<billing::Instant> refused_since_{0};  ///< 0: they are not
  std::atomic<Degraded> why_{Degraded::disk_full};
};

}  // namespace toll::actors
