// Writes stories: the same seed, the same story.
#pragma once

#include "tests/simulation/story.hpp"

namespace toll::tests {

Story story_of(std::uint64_t seed, std::size_t steps = 40);

}  // namespace toll::tests
