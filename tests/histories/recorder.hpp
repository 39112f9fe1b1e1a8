// Records histories: several clients at once on one server, each on a connection of its own.
#pragma once

#include <random>

#include "tests/e2e/api.hpp"
#include "tests/histories/spec.hpp"

namespace toll::tests {

struct Recorded {
  Spec start;
  History history;
};

class Recorder {
 public:
  /// `run_timers`: whether timers fire when the clock is moved, or only requests notice.
  Recorder(std::uint64_t seed, bool run_timers) : random_(seed), run_timers_(run_timers) {}

  /// A few clients chase the calls of an owner and a member of a fresh subscription, while somebody
  /// moves the clock.
  Recorded round();

 private:
  History plan_of_client();
  /// What may happen by itself while this operation is under way.
  void add_what_the_server_does(const Operation& it, History& history) const;
  std::uint64_t pick(std::uint64_t below) { return random_() % below; }
  std::string name(const char* what, std::uint64_t number) const;
  /// Two calls of the owner and one of the member; one doctor has two patients.
  std::string patient_of(std::uint64_t call) const { return name("p", call % 2); }
  std::string doctor_of(std::uint64_t call) const { return name("d", call / 2); }

  std::mt19937_64 random_;
  const bool run_timers_;
  test::TestServer toll_;
  std::int64_t clock_ms_ = 0;  ///< after midnight
  int rounds_ = 0;
};

}  // namespace toll::tests
