// A seeded story for the real actors, told to the naive model as well: patients, subscriptions that
// run out, calls and chats, with each command chased by duplicates, timers and crashes.
#pragma once

#include <string>

#include "tests/actors/virtual_server.hpp"
#include "tests/support/model.hpp"

namespace toll::tests {

class Scenario {
 public:
  explicit Scenario(std::uint64_t seed);

  /// Plays `rounds` rounds and compares everything visible after each. Empty when the server and
  /// the model agree, else what differed first.
  std::string play(int rounds);

  int crashes() const { return crashes_; }
  int outages() const { return outages_; }
  int storms() const { return storms_; }

 private:
  /// One patient's current session on one of his two lines (text, call). Lines share no channel,
  /// and each has its own doctor, so what happens on one does not depend on the order on another.
  struct Line {
    std::string patient;
    std::string doctor;
    billing::Channel channel;
    std::string session;
    int sessions = 0;
  };

  std::string round();
  void sell();
  void change_subscription();
  std::string start(Line& line);
  std::string speak(Line& line);
  std::string storm(Line& line);
  std::string pass_time();
  /// The server is down for a while, and perhaps crashes once more while it recovers.
  void outage();

  /// Issues every command at once, lets a crash come in between if the seed says so, and returns
  /// when all is quiet. Says whether the server crashed.
  bool race(std::vector<CallPtr>& calls, const std::vector<actors::Command>& commands);
  void restart();
  std::string difference();
  template <class Answer>
  std::optional<Answer> ask(actors::Command command);
  std::optional<billing::Session> session_now(const std::string& id);

  std::uint64_t seed_;
  billing::Policy policy_;
  VirtualServer server_;
  model::Model model_;
  std::vector<Line> lines_;
  std::vector<std::string> patients_;
  int subscriptions_ = 0;
  int crashes_ = 0;
  int outages_ = 0;
  int storms_ = 0;
};

}  // namespace toll::tests
