// A story for a simulated server: a list of steps, written from a seed before anything is played. A
// step means the same whatever happened before it and whichever other steps are left out.
#pragma once

#include <string>
#include <vector>

#include "actors/command.hpp"
#include "actors/context.hpp"
#include "persistence/clock_request.hpp"
#include "tests/support/simulated_disk.hpp"

namespace toll::tests {

/// One request of a client. With a key it may be sent again: the same key is the same request.
struct Request {
  actors::Command command;
  std::string key;  ///< idempotency key, empty: none
};

/// Whether it changes nothing: the door takes it on a full disk too.
bool only_reads(const actors::Command& command);
/// And this, from room that is kept for it.
bool only_ends(const actors::Command& command);

/// How a step ends for the server.
enum class Fault {
  none,
  crash,       ///< after some moves of its actors and its disk
  sync_fails,  ///< one sync fails, and the process ends
};

struct Step {
  std::uint64_t seed = 0;  ///< of who moves next
  billing::Instant wall_jump_ms = 0;
  /// What an operator says about the clock then, for whatever there is to decide.
  std::optional<persistence::ClockWord> clock_word;
  billing::Instant pass_ms = 0;
  bool on_time = true;  ///< timers fire at their instants, else all at once with the requests
  /// While the time passes, and for most of the requests; and when the server comes back.
  bool disk_full = false;
  std::vector<Request> requests;

  Fault fault = Fault::none;
  std::uint64_t fault_after = 0;  ///< moves, or syncs
  Unsynced unsynced = Unsynced::kept;
  billing::Instant down_ms = 0;
  billing::Instant down_jump_ms = 0;  ///< of the wall clock meanwhile
  /// Nobody keeps it right: a start that does not believe it is tried again when it is.
  bool clock_unkept = false;
  std::optional<billing::Policy> policy;  ///< that the server comes back with
  std::uint64_t recovery_fails_at = 0;    ///< a sync of the first attempt to come back, 0: none
};

struct Story {
  std::uint64_t seed = 0;
  actors::Limits limits;
  billing::Policy policy;
  std::vector<Step> steps;
};

inline constexpr billing::Instant start_of_story = 1'767'225'600'000;  // 2026-01-01T00:00:00Z
inline constexpr billing::Instant minute = 60'000;
inline constexpr billing::Instant hour = 60 * minute;
inline constexpr billing::Instant day = 24 * hour;

/// What a person would call it: "25 min", "90 s".
std::string duration(billing::Instant ms);
std::string in_words(const Request& request);
std::string in_words(const Step& step);
std::string in_words(const billing::Policy& policy);
std::string in_words(const Story& story);

/// The word for its kind, for tables.
std::string kind_of(const actors::Command& command);

}  // namespace toll::tests
