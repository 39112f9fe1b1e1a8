// How much may be under way at once, and how much is remembered without need.
#pragma once

#include <cstddef>
#include <cstdint>

namespace toll::actors {

struct Limits {
  std::size_t session_queue = 256;  ///< that wait for one session; beyond it only wakes are taken
  std::size_t remembered = 4'096;   ///< of each kind that need no place: those who left last
  std::size_t wakes_under_way = 4096;  ///< timers fired and not finished
  /// Asks at the door; beyond it the door refuses (rule 10). 1,024 connections are served at once,
  /// each with a request, and a request counts until a moment after its answer.
  std::int64_t asks_at_door = 1'280;
};

}  // namespace toll::actors
