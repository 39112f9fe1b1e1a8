#include "tools/clock.hpp"

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <iostream>
#include <memory>

#include "http/time_format.hpp"
#include "persistence/clock_request.hpp"

namespace toll::tools {

namespace {

using persistence::ClockStanding;
using persistence::ClockWord;

/// A server looks twice a second, unless its disk keeps it waiting.
constexpr std::chrono::seconds clock_patience{10};

/// What the command line says; lives as long as the application.
struct ClockArguments {
  std::string data;
  bool accept = false;
  bool resume = false;
};

std::string length(billing::Instant ms) {
  const billing::Instant size = std::abs(ms);
  const std::string thousandths = std::to_string(1000 + size % 1000).substr(1);
  return std::to_string(size / 1000) + '.' + thousandths + " s";
}

std::string standing_in_words(const ClockStanding& standing) {
  std::string text = "server time is ";
  http::append_time(text, standing.now);
  if (standing.astray_ms != 0) {
    return text + "; the wall clock is " + length(standing.ahead_ms) +
           (standing.ahead_ms < 0 ? " ahead" : " behind") + ", and is not followed";
  }
  if (standing.offset_ms != 0) {
    return text + ", " + length(standing.ahead_ms) +
           " ahead of the wall clock, and loses 1 s in 1,000 until they meet";
  }
  if (standing.ahead_ms > 0) {
    return text + ", and waits " + length(standing.ahead_ms) + " for the wall clock";
  }
  return text + ", and follows the wall clock";
}

void decide_clock(const ClockArguments& arguments) {
  const ClockWord word = arguments.accept   ? ClockWord::accept
                         : arguments.resume ? ClockWord::resume
                                            : ClockWord::show;
  const ClockStanding standing = persistence::ask_clock(arguments.data, word, clock_patience);
  if (!standing.done) {
    const bool ahead = standing.astray_ms != 0;
    throw persistence::ClockRequestError(
        (ahead ? "nothing to resume, the wall clock is not behind; --accept takes it: "
               : "nothing to decide: ") +
        standing_in_words(standing));
  }
  std::cout << standing_in_words(standing) << std::endl;
}

}  // namespace

void add_clock_command(CLI::App& app) {
  const auto arguments = std::make_shared<ClockArguments>();
  CLI::App* command = app.add_subcommand(
      "clock",
      "Shows how the time of a running server stands to the wall clock, and decides about a wall "
      "clock that it does not follow.");
  command->add_option("--data", arguments->data, "The server's data directory")
      ->type_name("DIR")
      ->required();
  CLI::Option* accept = command->add_flag(
      "--accept", arguments->accept,
      "The wall clock is right: server time jumps to it, and what is due by then is charged; where "
      "it is behind, as --resume. Also for a start that waits for its clock");
  command
      ->add_flag("--resume", arguments->resume,
                 "The wall clock is behind: server time goes on from where it is, at the wall "
                 "clock's speed, and loses 1 s in 1,000 until the two meet")
      ->excludes(accept);
  command->callback([arguments] { decide_clock(*arguments); });
}

}  // namespace toll::tools
