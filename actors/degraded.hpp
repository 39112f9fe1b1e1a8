// Why a server that is up does not do all that it should. It is for operators, and stays out of the
// way of a proxy: a server that is taken out would take no hang-ups either.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace toll::actors {

/// The first of several reasons is the one to name.
enum class Degraded : std::uint8_t {
  disk_full,          ///< changes are refused
  journal_stalled,    ///< the same: the disk does not keep up, or does not answer
  tokens_unreadable,  ///< whoever shows a token of the file is refused, for nobody can say who it
                      ///< is
  clock_ahead,        ///< the wall clock is, too far to be followed
  clock_behind,       ///< the same
};
inline constexpr std::array all_degraded{Degraded::disk_full, Degraded::journal_stalled,
                                         Degraded::tokens_unreadable, Degraded::clock_ahead,
                                         Degraded::clock_behind};

constexpr std::string_view name(Degraded reason) {
  constexpr std::array<std::string_view, all_degraded.size()> names{
      "disk_full", "journal_stalled", "tokens_unreadable", "clock_ahead", "clock_behind"};
  return names[static_cast<std::size_t>(reason)];
}

}  // namespace toll::actors
