#include "actors/outage_keeper.hpp"

namespace toll::actors {

using namespace billing;

OutageKeeper::OutageKeeper(persistence::Journal& journal, Outages known)
    : journal_(journal), outages_(std::move(known)), under_way_(outages_.since.has_value()) {}

Outages OutageKeeper::current() const {
  if (!under_way_) return {};
  const std::lock_guard lock(mutex_);
  return outages_;
}

void OutageKeeper::begin(Instant since, Instant now) {
  const std::lock_guard lock(mutex_);
  if (outages_.since) return;
  outages_.begin(since);
  journal_.append(now, OutageBegan{*outages_.since});
  under_way_ = true;
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
}

}  // namespace toll::actors
