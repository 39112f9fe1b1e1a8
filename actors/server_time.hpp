// What server time is, from what the machine's clocks show: a rule without a clock of its own.
// Source: docs/RULES.md, "The clock".
#pragma once

#include <optional>

#include "billing/clock_offset.hpp"

namespace toll::actors {

/// What two clocks of a machine show at one moment, in milliseconds.
struct Clocks {
  billing::Instant wall = 0;    ///< since 1970; may step either way
  billing::Instant steady = 0;  ///< since some moment; never steps, and runs while it is suspended
};

/// Server time follows the wall clock, or the wall clock and an offset, as long as that is at most
/// `farthest_ms` from where the steady clock has it. Otherwise the wall clock is astray: server
/// time goes on by the steady clock until the wall clock is back, or is taken as it is. Never goes
/// back.
class ServerTime {
 public:
  static constexpr billing::Instant farthest_ms = 5 * 60 * 1000;

  /// At a start. A wall clock that is ahead of what was recorded is believed: the server was down.
  ServerTime(billing::Instant last_recorded, std::optional<billing::ClockOffset> offset,
             const Clocks& clocks);

  /// Moves on to what the clocks show, which is what server time is then.
  billing::Instant move(const Clocks& clocks);
  billing::Instant now() const { return now_; }

  /// How far an astray wall clock, offset included, is ahead of server time, behind if negative; 0
  /// if it is followed.
  billing::Instant astray_ms() const { return astray_ms_; }
  const std::optional<billing::ClockOffset>& offset() const { return offset_; }

  /// Takes the wall clock as it is, after move(): server time jumps to it, or is let run on ahead
  /// of it. Only where it is astray.
  void take_wall(const Clocks& clocks);

 private:
  void follow(billing::Instant wall, billing::Instant expected);

  billing::Instant now_;
  billing::Instant steady_;
  std::optional<billing::ClockOffset> offset_;
  billing::Instant astray_ms_ = 0;
};

}  // namespace toll::actors
