#include <catch2/catch.hpp>
#include <cstdlib>

#include "tests/actors/scenario.hpp"

namespace toll::tests {

/// TOLL_SEED=N plays one seed, TOLL_SEEDS=N plays more of them than the test run does.
TEST_CASE("the real actors agree with the naive model for every seed", "[simulation]") {
  const char* const one = std::getenv("TOLL_SEED");
  const char* const many = std::getenv("TOLL_SEEDS");
  const std::uint64_t first = one ? std::stoull(one) : 1;
  const std::uint64_t count = one ? 1 : many ? std::stoull(many) : 500;
  int crashes = 0;
  int outages = 0;
  int storms = 0;
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    Scenario scenario(seed);
    const std::string wrong = scenario.play(30);
    INFO("replay with TOLL_SEED=" << seed);
    REQUIRE(wrong == "");
    crashes += scenario.crashes();
    outages += scenario.outages();
    storms += scenario.storms();
  }
  WARN(count << " seeds, " << crashes << " crashes, " << outages << " outages, " << storms
             << " storms");
  REQUIRE((one || (crashes > 0 && outages > 0 && storms > 0)));
}

}  // namespace toll::tests
