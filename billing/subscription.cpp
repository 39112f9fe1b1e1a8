#include "billing/subscription.hpp"

#include <algorithm>

#include "billing/assert.hpp"

namespace toll::billing {

namespace {
constexpr Instant day_ms = 86'400'000;
}

std::int64_t Subscription::free(Channel channel) const {
  const auto c = index(channel);
  const std::int64_t units = granted[c] + refunded[c] - taken[c] - held[c];
  TOLL_ASSERT(units >= 0);
  return units;
}

Instant effective_end(const Subscription& subscription) {
  return subscription.ends_at + subscription.rollover_days * day_ms;
}

Instant end_in_force(const Subscription& subscription, Seq at) {
  const auto& ends = subscription.earlier_ends;
  const auto changed_later =
      std::find_if(ends.begin(), ends.end(), [&](const EarlierEnd& it) { return at < it.until; });
  return changed_later == ends.end() ? effective_end(subscription) : changed_later->end;
}

Instant shown_end(const Subscription& subscription, Instant now) {
  return now < subscription.ends_at ? subscription.ends_at : effective_end(subscription);
}

bool may_use(const Subscription& subscription, const std::string& patient) {
  return subscription.patient == patient ||
         std::binary_search(subscription.members.begin(), subscription.members.end(), patient);
}

bool eligible(const Subscription& subscription, const Claim& claim) {
  if (!subscription.enabled || !may_use(subscription, claim.patient)) return false;
  if (claim.at < subscription.starts_at) return false;
  if (claim.at < effective_end(subscription)) return true;
  return claim.grandfather && subscription.starts_at <= claim.created_at &&
         claim.created_at < end_in_force(subscription, claim.created_seq);
}

bool can_hold(const Subscription& subscription, const Claim& claim) {
  return eligible(subscription, claim) && subscription.free(claim.channel) > 0;
}

}  // namespace toll::billing
