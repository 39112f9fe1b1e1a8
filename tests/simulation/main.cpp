// toll-sim: plays stories on a simulated server, one seed or many.
#include <CLI/CLI.hpp>
#include <chrono>
#include <iostream>
#include <random>

#include "tests/simulation/author.hpp"
#include "tests/simulation/shrink.hpp"

namespace toll::tests {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point since) {
  return std::chrono::duration<double>(Clock::now() - since).count();
}

int tell_short(std::uint64_t seed, const Story& story) {
  std::cout << "shrinking seed " << seed << " ..." << std::endl;
  const Shrunk shrunk = shrink(story, right_rules);
  std::cout << "\nA short story that goes wrong (" << shrunk.attempts << " attempts):\n"
            << in_words(shrunk.story) << "\nWhat happened:\n"
            << shrunk.played.trace << "\nWRONG: " << shrunk.played.wrong
            << "\n\nAgain: toll-sim --seed " << seed << std::endl;
  return 1;
}

int play_one(std::uint64_t seed) {
  const Story story = story_of(seed);
  const Played played = play_apart(story);
  std::cout << in_words(story) << "\nWhat happened:\n" << played.trace;
  if (played.wrong.empty()) {
    std::cout << "\nNothing went wrong.\n";
    return 0;
  }
  std::cout << "\nWRONG: " << played.wrong << "\n\n";
  return tell_short(seed, story);
}

int play_many(std::uint64_t first, std::uint64_t most, double minutes) {
  const Clock::time_point began = Clock::now();
  Coverage coverage;
  std::uint64_t seeds = 0;
  std::uint64_t records = 0;
  long steps = 0;
  long crashes = 0;
  long failures = 0;
  std::cout << "first seed " << first << std::endl;
  for (; seeds < most && seconds_since(began) < minutes * 60; ++seeds) {
    const std::uint64_t seed = first + seeds;
    const Story story = story_of(seed);
    const Played played = play_apart(story);
    if (!played.wrong.empty()) {
      std::cout << "seed " << seed << " goes wrong: " << played.wrong << std::endl;
      return tell_short(seed, story);
    }
    coverage.add(played.coverage);
    steps += played.steps;
    crashes += played.crashes;
    failures += played.failures;
    records += played.records;
  }
  std::cout << "state of the entity x message: times answered/times the server was lost before\n"
            << coverage.table();
  const auto never = coverage.never();
  std::cout << "\nnever seen: " << (never.empty() ? "nothing" : "") << '\n';
  for (const std::string& pair : never) std::cout << "  " << pair << '\n';
  std::cout << '\n'
            << seeds << " seeds from " << first << ", " << steps << " steps, " << records
            << " records, " << crashes << " crashes, " << failures << " failed syncs, "
            << static_cast<long>(seconds_since(began)) << " s: nothing went wrong" << std::endl;
  return 0;
}

int run(int argc, char** argv) {
  CLI::App app{"Plays stories on the real actors, journal and recovery under virtual time."};
  std::uint64_t one = 0;
  std::uint64_t from = std::random_device{}();
  std::uint64_t seeds = UINT64_MAX;
  double minutes = 0.3;
  const auto* seed = app.add_option("--seed", one, "Play this seed and tell its story");
  app.add_option("--from", from, "The first of many seeds; drawn when absent");
  const auto* count = app.add_option("--seeds", seeds, "Stop after so many seeds");
  const auto* length = app.add_option("--minutes", minutes, "Stop after so many minutes")
                           ->envname("TOLL_SIM_MINUTES")
                           ->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  if (seed->count() > 0) return play_one(one);
  if (count->count() > 0 && length->count() == 0) minutes = 1e9;
  return play_many(from, seeds, minutes);
}

}  // namespace
}  // namespace toll::tests

int main(int argc, char** argv) { return toll::tests::run(argc, argv); }
