// A start does not charge for time that may never have passed: a wall clock far beyond what was
// recorded is believed only if something keeps it right, or an operator says so.
#pragma once

#include <chrono>
#include <functional>
#include <stdexcept>

#include "actors/kernel_clock.hpp"
#include "billing/types.hpp"

namespace toll::actors {

/// The start is given up, and nothing was charged.
struct ClockNotBelieved : std::runtime_error {
  ClockNotBelieved(billing::Instant recorded, billing::Instant shown, const std::string& why)
      : std::runtime_error(why), last_recorded(recorded), shown(shown) {}
  billing::Instant last_recorded;
  billing::Instant shown;
};

struct ClockCheck {
  static constexpr billing::Instant believed_ms = 60 * 60 * 1000;

  billing::Instant last_recorded = 0;
  /// What server time would be if it began now.
  std::function<billing::Instant()> shown;
  std::function<KernelClock()> kernel = kernel_clock;
  /// Whether an operator has said meanwhile that the wall clock is right.
  std::function<bool()> accepted;
  std::chrono::milliseconds wait{3000};
};

/// Waits until the clock can be believed; true if only because an operator says so. Throws
/// ClockNotBelieved when that takes longer than `wait`.
bool wait_for_clock(const ClockCheck& check);

}  // namespace toll::actors
