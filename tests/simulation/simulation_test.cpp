// The simulation itself: that a seed is one story, that wrong is noticed, that short is short.
#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/simulation/author.hpp"
#include "tests/simulation/shrink.hpp"

namespace toll::tests {

namespace {

/// The line of the first text at which they part.
std::string first_difference(const std::string& one, const std::string& other) {
  const auto [here, there] = std::mismatch(one.begin(), one.end(), other.begin(), other.end());
  if (here == one.end() && there == other.end()) return "";
  const auto at = static_cast<std::size_t>(here - one.begin());
  const std::size_t line = one.rfind('\n', at) + 1;
  return "at " + std::to_string(at) + ": " + one.substr(line, one.find('\n', at) - line);
}

}  // namespace

TEST_CASE("the same seed is the same story and the same trace", "[simulation]") {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    INFO("seed " << seed);
    REQUIRE(in_words(story_of(seed)) == in_words(story_of(seed)));
    const Played once = play_apart(story_of(seed));
    const Played again = play_apart(story_of(seed));
    REQUIRE(once.wrong == "");
    REQUIRE(first_difference(once.trace, again.trace) == "");
    REQUIRE(first_difference(once.trace, play_apart(story_of(seed + 1)).trace) != "");
  }
}

TEST_CASE("a model that believes in another rule goes wrong, in a story of few steps",
          "[simulation]") {
  struct Belief {
    const char* what;
    ChangeRules rules;
  };
  const Belief beliefs[] = {
      {"a hang-up costs nothing", [](model::Rules& rules) { rules.manual_unit = false; }},
      {"an interval is a second shorter", [](model::Rules& rules) { rules.interval -= 1000; }},
      {"outages cost nothing", [](model::Rules& rules) { rules.downtime_cap = 0; }},
      {"a unit costs one less", [](model::Rules& rules) { rules.rates["MWK"]["voice"] -= 1; }},
  };
  for (const Belief& belief : beliefs) {
    std::uint64_t seed = 1;
    while (play_apart(story_of(seed), belief.rules).wrong.empty()) REQUIRE(++seed < 200);
    const Shrunk shrunk = shrink(story_of(seed), belief.rules);
    INFO(belief.what << ", seed " << seed << ", " << shrunk.attempts << " attempts\n"
                     << in_words(shrunk.story) << shrunk.played.wrong);
    REQUIRE(shrunk.played.wrong != "");
    REQUIRE(shrunk.story.steps.size() <= 8);
    REQUIRE(play_apart(shrunk.story).wrong == "");
  }
}

}  // namespace toll::tests
