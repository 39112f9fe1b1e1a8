// Plays a story on a simulated server, with the oracle watching: after every step and every
// recovery whatever can be seen is compared.
#pragma once

#include "tests/simulation/coverage.hpp"
#include "tests/simulation/model_clock.hpp"
#include "tests/simulation/oracle.hpp"

namespace toll::tests {

struct Played {
  std::string wrong;  ///< the first thing, with the number of its step; empty: nothing
  std::string trace;  ///< every record and answer, in order
  Coverage coverage;
  int steps = 0;
  int crashes = 0;   ///< process or power, inside recoveries as well
  int failures = 0;  ///< syncs that failed
  std::uint64_t records = 0;
};

class World {
 public:
  World(const Story& story, std::function<void(model::Rules&)> change_rules);
  Played play();

 private:
  struct Sent {
    Request request;
    CallPtr call;
    billing::Seq floor;
    std::vector<Coverage::Pair> met;
  };

  std::string play(const Step& step);
  void pass_time(const Step& step);
  void pass(billing::Instant ms);
  void step_wall(billing::Instant ms);
  /// What is wrong with what the server does about the clock when it is told to.
  std::string say(persistence::ClockWord word);
  std::string wrong_time();
  std::string restart_clock();
  /// The disk has room, or has none from now on.
  void set_room(bool has_room);
  /// Like the door: what is too much, or would change something on a full disk, is refused at once.
  std::string send(const Request& request);
  std::string send_all(const Step& step);
  void move(std::uint64_t moves);
  /// While the server is down.
  void away(billing::Instant ms, billing::Instant jump_ms);
  void come_back(const Step& step);
  std::string ask_again();
  void count_met();
  void sign_of_life();

  /// What is wrong with the journal's new records.
  std::string follow();
  std::string check_answers() const;
  std::string check_keys() const;
  std::string check_sums() const;
  std::string difference(bool everything);
  std::string difference_of_session(const std::string& id);
  std::string timers_left_over();
  template <class Answer>
  std::optional<Answer> ask(actors::Command command);
  void trace(const std::string& line) { played_.trace += line + '\n'; }

  const Story& story_;
  VirtualServer server_;
  Oracle oracle_;
  Played played_;
  ModelClock clock_{start_of_story};
  bool unkept_ = false;          ///< the clock that the server came back with
  std::vector<Sent> sent_;       ///< in this step
  std::size_t sent_before_ = 0;  ///< of them, to a server that was lost
  std::size_t told_ = 0;         ///< steps so far
};

}  // namespace toll::tests
