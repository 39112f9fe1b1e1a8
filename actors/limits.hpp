// How much may be under way at once, and how much is remembered without need.
#pragma once

#include <cstddef>
#include <cstdint>

namespace toll::actors {

struct Limits {
  std::size_t session_queue = 256;  ///< that wait for one session; beyond it only wakes are taken
  std::size_t remembered = 4'096;   ///< of each kind that need no place: those who left last
  std::size_t wakes_under_way = 4'096;  ///< timers fired and not finished

  // Beyond these the door refuses (rule 10).

  /// Asks at the door, and as many lists. 1,024 connections can ask at once, which the contract
  /// promises, and a request counts until a moment after its answer.
  std::int64_t asks_at_door = 1'280;
  std::uint64_t records_behind = 2'000'000;  ///< the rows, behind the journal
  std::size_t bytes_waiting = 64u << 20;     ///< of records, for the disk

  // Beyond these, or with too many bytes waiting, changes are refused and ends are not.

  std::int64_t longest_write_ms = 5'000;    ///< of a group of records
  std::int64_t longest_refusal_ms = 2'000;  ///< beyond it it is an outage
  int ends_reserve = 2;  ///< ends are taken up to so many times asks_at_door and bytes_waiting
};

}  // namespace toll::actors
