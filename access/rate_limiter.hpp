// How many requests a principal may send: a bucket of `burst` requests that fills by `per_second`.
// One instant for each principal is all that is kept: when his bucket will be full again.
#pragma once

#include <chrono>
#include <string>
#include <unordered_map>

namespace toll::access {

struct RateLimit {
  std::int64_t per_second = 0;  ///< 0: no limit
  std::int64_t burst = 0;       ///< 0: as many as a second fills
};

/// What both allow.
RateLimit stricter(const RateLimit& one, const RateLimit& other);

class RateLimiter {
 public:
  using Instant = std::chrono::steady_clock::time_point;

  /// `limit.per_second` is at least 1. `most` principals are known at once, twice at most; beyond
  /// that the longest silent ones begin anew.
  explicit RateLimiter(const RateLimit& limit, std::size_t most = 50'000);

  struct Taken {
    bool granted = false;
    std::int64_t limit = 0;          ///< the burst
    std::int64_t remaining = 0;      ///< requests that could follow at once
    std::int64_t reset_s = 0;        ///< until the bucket is full, rounded up
    std::int64_t retry_after_s = 0;  ///< until a request is granted, rounded up
  };

  /// Takes one request out of the principal's bucket; a refusal takes nothing.
  Taken take(const std::string& principal, Instant now);

  std::size_t known() const { return young_.size() + old_.size(); }

 private:
  using Nanoseconds = std::chrono::nanoseconds;

  Instant& full_at(const std::string& principal, Instant now);

  const std::int64_t burst_;
  const Nanoseconds each_;   ///< the time that fills in one request
  const Nanoseconds whole_;  ///< the time that fills an empty bucket
  const std::size_t most_;
  // Two generations of at least `whole_`: who has been silent for one has a full bucket, which is
  // what somebody unknown has.
  Instant young_since_{};
  std::unordered_map<std::string, Instant> young_;
  std::unordered_map<std::string, Instant> old_;
};

}  // namespace toll::access
