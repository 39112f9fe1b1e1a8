// An operator's word about the clock, through a file.
#include "persistence/clock_request.hpp"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <future>

#include "tests/support/temporary_directory.hpp"

namespace toll::persistence {

using namespace std::chrono_literals;

TEST_CASE("a request for the clock is taken once, and answered") {
  const test::TemporaryDirectory place;
  const std::string directory = place.inside("data");
  std::filesystem::create_directory(directory);
  CHECK_FALSE(ClockRequest::take(directory));
  for (const ClockWord word : {ClockWord::show, ClockWord::accept, ClockWord::resume}) {
    auto answered = std::async(std::launch::async, [&] { return ask_clock(directory, word, 60s); });
    std::optional<ClockStanding> told;
    while (!told) {
      const auto request = ClockRequest::take(directory);
      if (!request) continue;
      CHECK(request->word() == word);
      CHECK_FALSE(ClockRequest::take(directory));
      told = ClockStanding{word != ClockWord::show, 1'767'225'600'000, -5, 5, 86'400'000};
      request->answer(*told);
    }
    CHECK(answered.get() == *told);
  }
  CHECK(std::filesystem::is_empty(directory));
}

TEST_CASE("nobody is obeyed who has gone away, and nothing that is no request") {
  const test::TemporaryDirectory place;
  const std::string directory = place.inside("data");
  std::filesystem::create_directory(directory);
  CHECK_THROWS_AS(ask_clock(directory, ClockWord::accept, 0ms), ClockRequestError);
  CHECK(std::filesystem::is_empty(directory));
  CHECK_THROWS_AS(ask_clock(directory + "/nowhere", ClockWord::accept, 0ms), ClockRequestError);
  for (const char* text : {"accept\n", "", "accept", "accept\naccept\n", "hello\n"}) {
    std::ofstream(directory + "/clock.request") << text;
    CHECK_FALSE(ClockRequest::take(directory));
    CHECK(std::filesystem::is_empty(directory));
  }
}

}  // namespace toll::persistence
