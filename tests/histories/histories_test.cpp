// Histories of the real server over real connections. TOLL_HISTORIES=N records so many of each
// kind.
#include <catch2/catch.hpp>
#include <cstdlib>

#include "tests/histories/checker.hpp"
#include "tests/histories/recorder.hpp"

namespace toll::tests {

namespace {

void record_and_check(bool run_timers) {
  const char* const wish = std::getenv("TOLL_HISTORIES");
  const int rounds = wish ? std::stoi(wish) : 100;
  const std::uint64_t seed = std::random_device{}();
  Recorder recorder(seed, run_timers);
  std::size_t operations = 0;
  std::size_t tried = 0;
  int undecided = 0;
  for (int i = 0; i < rounds; ++i) {
    const Recorded recorded = recorder.round();
    const Verdict verdict = check(recorded.history, recorded.start);
    std::string all;
    for (const Operation& operation : recorded.history) {
      all += "  " + in_words(operation) + '\n';
    }
    INFO("seed " << seed << ", round " << i << '\n' << all << verdict.why_not);
    REQUIRE((verdict.linearizable || !verdict.decided));
    undecided += !verdict.decided;
    operations += recorded.history.size();
    tried += verdict.tried;
  }
  WARN("seed " << seed << ": " << rounds << " histories, " << operations << " operations, " << tried
               << " states tried: none broken, " << undecided << " given up");
  CHECK(undecided * 20 <= rounds);
}

}  // namespace

TEST_CASE("histories are linearizable while only requests notice what is due", "[histories]") {
  record_and_check(false);
}

TEST_CASE("histories are linearizable while timers fire", "[histories]") { record_and_check(true); }

}  // namespace toll::tests
