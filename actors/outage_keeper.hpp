// Keeps the outages of this server: whoever has something due asks here what decides about it, and
// how they begin and end goes on record here. From any thread.
#pragma once

#include <atomic>
#include <mutex>

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
  /// `known`: what the journal says. It outlives the keeper.
  OutageKeeper(persistence::Journal& journal, billing::Outages known);

  bool under_way() const { return under_way_; }

  /// What decides about boundaries now: nothing, as a rule.
  billing::Outages current() const;

  /// Records that an outage began, unless one is under way.
  void begin(billing::Instant since, billing::Instant now);

  /// Records the operator's word, if it is about the outage under way and new.
  void judge(const AcceptedOutage& accepted, billing::Instant now);

  /// Records that the one under way is over, if there is one: all that fell into it is done.
  void end(billing::Instant now);

 private:
  persistence::Journal& journal_;
  mutable std::mutex mutex_;
  billing::Outages outages_;
  std::atomic<bool> under_way_;
};

}  // namespace toll::actors
