// The billing policy: every number that an operator may choose. A policy never changes; a different
// one is a new version, and a session keeps the version that it started with.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "billing/types.hpp"

namespace toll::billing {

/// What happens to a subscription's end while a session that began before it is running.
enum class ExpiryPolicy : std::uint8_t { grandfather, strict };

/// What boundaries inside an outage cost: at most `cap` intervals a session.
struct DowntimePolicy {
  static constexpr std::int64_t no_cap = -1;
  std::int64_t cap = no_cap;  ///< no_cap is `bill_all`, 0 is `forgive`, N is `cap:N`
  bool operator==(const DowntimePolicy&) const = default;
};

struct Policy {
  std::int64_t interval_s = 600;
  bool manual_unit = true;
  Units min_billable_s{0, 60, 60};
  std::int64_t response_window_s = 300;
  std::int64_t ring_timeout_s = 90;
  std::int64_t waiting_limit_s = 86'400;
  ExpiryPolicy expiry = ExpiryPolicy::grandfather;
  DowntimePolicy downtime;
  /// Minor units per unit taken, by the doctor's currency and the channel.
  std::map<Currency, Units> rates{{Currency{{'M', 'W', 'K'}}, {350'000, 350'000, 350'000}},
                                  {Currency{{'U', 'S', 'D'}}, {300, 300, 300}}};

  /// A start does not make a doctor: only one who was registered, or named by an earlier session,
  /// is there.
  bool known_doctors_only = false;

  Instant interval_ms() const { return interval_s * 1000; }
  bool has_rates(Currency currency) const { return rates.contains(currency); }
  Money rate(Currency currency, Channel channel) const;  ///< requires has_rates(currency)
  bool operator==(const Policy&) const = default;
};

/// Every version ever recorded, oldest first; version numbers start at 1. Immutable while the
/// server runs, so that all threads may read it.
class PolicyBook {
 public:
  void add(Policy policy) { versions_.push_back(std::move(policy)); }
  std::uint32_t current_version() const { return static_cast<std::uint32_t>(versions_.size()); }
  const Policy& current() const { return at(current_version()); }
  const Policy& at(std::uint32_t version) const;

 private:
  std::vector<Policy> versions_;
};

}  // namespace toll::billing
