#include "actors/outage_keeper.hpp"

namespace toll::actors {

using namespace billing;

OutageKeeper::OutageKeeper(persistence::Journal& journal, Outages known,
                           std::int64_t longest_refusal_ms)
    : journal_(journal),
      longest_refusal_ms_(longest_refusal_ms),
      outages_(std::move(known)),
      under_way_(outages_.since.has_value()) {}

Outages OutageKeeper::current(Instant last, Instant now) {
  if (!under_way_) {
    const Instant since = refused_since_;
    if (since == 0 || last <= since) return {};
  }
  const std::lock_guard lock(mutex_);
  if (!outages_.since) {
    if (refused_since_ == 0) return {};
    begin_now(refused_since_, now);
  }
  return outages_;
}

void OutageKeeper::begin_now(Instant since, Instant now) {
  outages_.begin(since);
  journal_.append(now, OutageBegan{*outages_.since});
  under_way_ = true;
}

void OutageKeeper::begin(Instant since, Instant now) {
  const std::lock_guard lock(mutex_);
  if (!outages_.since) begin_now(since, now);
}

void OutageKeeper::judge(const AcceptedOutage& accepted, Instant now) {
  const std::lock_guard lock(mutex_);
  if (!outages_.since || accepted.instant < *outages_.since || accepted.instant > now) return;
  if (outages_.verdict == accepted.verdict) return;
  outages_.judge(accepted.verdict);
  journal_.append(now, OutageJudged{*outages_.since, accepted.verdict});
}

void OutageKeeper::end(Instant now) {
  const std::lock_guard lock(mutex_);
  if (!outages_.since) return;
  outages_.end(now);
  journal_.append(now, Ready{});
  under_way_ = false;
  refused_since_ = 0;
}

void OutageKeeper::refused(Degraded why, Instant now, std::int64_t steady_ms) {
  if (refuses()) return;
  const std::lock_guard lock(mutex_);
  if (refuses()) return;
  refused_since_steady_ms_ = steady_ms;
  why_ = why;
  refused_since_ = now;
}

void OutageKeeper::not_refused(Instant now, std::int64_t steady_ms) {
  if (refused_since_ == 0) return;
  const std::lock_guard lock(mutex_);
  begin_if_long(now, steady_ms);
  if (!outages_.since) refused_since_ = 0;
}

void OutageKeeper::look(Instant now, std::int64_t steady_ms) {
  if (!refuses()) return;
  const std::lock_guard lock(mutex_);
  begin_if_long(now, steady_ms);
}

void OutageKeeper::begin_if_long(Instant now, std::int64_t steady_ms) {
  if (refused_since_ == 0 || outages_.since) return;
  if (steady_ms - refused_since_steady_ms_ >= longest_refusal_ms_) begin_now(refused_since_, now);
}

}  // namespace toll::actors
