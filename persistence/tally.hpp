// What the records that came into the rows say in sum, for metrics. Plain counts: who counts them
// together with others guards them.
#pragma once

#include <array>
#include <cstdint>
#include <map>

#include "billing/facts.hpp"

namespace toll::persistence {

struct Tally {
  struct Sums {
    std::int64_t earned = 0;    ///< by doctors, in minor units; what was given back included
    std::int64_t refunded = 0;  ///< taken from them again
    bool operator==(const Sums&) const = default;
  };

  std::array<std::int64_t, billing::end_reasons.size()> ended{};  ///< sessions, by EndReason
  std::map<billing::Currency, Sums> money;

  void count(const billing::Fact& fact);
  void add(const Tally& other);
  bool operator==(const Tally&) const = default;
};

}  // namespace toll::persistence
