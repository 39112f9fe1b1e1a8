#include "access/rate_limiter.hpp"

#include <algorithm>

namespace toll::access {

namespace {

std::int64_t seconds_up(std::chrono::nanoseconds time) {
  return std::chrono::ceil<std::chrono::seconds>(time).count();
}

}  // namespace

RateLimit stricter(const RateLimit& one, const RateLimit& other) {
  if (one.per_second == 0) return other;
  if (other.per_second == 0) return one;
  const auto burst = [](const RateLimit& limit) {
    return limit.burst > 0 ? limit.burst : limit.per_second;
  };
  return {std::min(one.per_second, other.per_second), std::min(burst(one), burst(other))};
}

RateLimiter::RateLimiter(const RateLimit& limit, std::size_t most)
    : burst_(limit.burst > 0 ? limit.burst : limit.per_second),
      each_(Nanoseconds(std::chrono::seconds(1)) / limit.per_second),
      whole_(each_ * burst_),
      most_(most) {}

RateLimiter::Taken RateLimiter::take(const std::string& principal, Instant now) {
  Instant& full = full_at(principal, now);
  const Nanoseconds missing = std::max(full, now) - now;
  Taken taken;
  taken.granted = missing + each_ <= whole_;
  const Nanoseconds left = taken.granted ? missing + each_ : missing;
  if (taken.granted) full = now + left;
  taken.limit = burst_;
  taken.remaining = (whole_ - left) / each_;
  taken.reset_s = seconds_up(left);
  if (!taken.granted) taken.retry_after_s = seconds_up(missing + each_ - whole_);
  return taken;
}

RateLimiter::Instant& RateLimiter::full_at(const std::string& principal, Instant now) {
  if (now - young_since_ >= whole_ || young_.size() >= most_) {
    old_ = std::move(young_);
    young_.clear();
    young_since_ = now;
  }
  const auto [found, fresh] = young_.try_emplace(principal, now);
  if (fresh) {
    const auto old = old_.find(principal);
    if (old != old_.end()) found->second = old->second;
  }
  return found->second;
}

}  // namespace toll::access
