// What the wall clock of a story does, and what an operator says about it.
#pragma once

#include <iterator>
#include <random>
#include <utility>

#include "tests/simulation/story.hpp"

namespace toll::tests {

/// Each function says how far server time jumps ahead because of it, about.
class WrongClock {
 public:
  explicit WrongClock(std::mt19937_64& random) : random_(random) {}

  billing::Instant while_running(Step& step) {
    if (once_in(10)) step.wall_jump_ms = jump();
    if (!once_in(10)) return 0;
    const bool accept = once_in(2);
    step.clock_word = accept ? persistence::ClockWord::accept : persistence::ClockWord::resume;
    return accept ? taken() : 0;
  }

  billing::Instant while_down(Step& step) {
    if (once_in(4)) step.down_jump_ms = jump();
    step.clock_unkept = once_in(2);
    return step.clock_unkept ? 0 : taken();
  }

 private:
  bool once_in(std::uint64_t n) { return random_() % n == 0; }

  /// Most of what jumps comes back, or nothing would be followed any more.
  billing::Instant jump() {
    constexpr billing::Instant sizes[] = {hour,       hour,       2 * hour,      40 * hour,
                                          4 * minute, 5 * minute, 5 * minute + 1};
    const billing::Instant size = sizes[random_() % std::size(sizes)];
    const bool back = jumped_ != 0 && !once_in(3);
    const billing::Instant ms = back ? -jumped_ : once_in(2) ? size : -size;
    jumped_ += ms;
    return ms;
  }

  billing::Instant taken() {
    if (jumped_ <= 0) return 0;
    return std::exchange(jumped_, 0);
  }

  std::mt19937_64& random_;
  billing::Instant jumped_ = 0;  ///< in all
};

}  // namespace toll::tests
