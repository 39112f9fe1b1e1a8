// Which transitions were seen: states of entities and of the door, what came upon them, and whether
// the server was lost before it was answered.
#pragma once

#include <map>
#include <string>

#include "tests/simulation/story.hpp"
#include "tests/support/model.hpp"

namespace toll::tests {

class Coverage {
 public:
  /// A message and the state of what it comes upon. No kind: it is not counted.
  struct Pair {
    std::string kind, state, message;
  };
  /// What a command meets in this model.
  static Pair pair(const model::Model& model, const actors::Command& command, billing::Instant at);
  /// What it meets before, at the door.
  static Pair at_door(const actors::Command& command, bool overloaded, bool disk_full);

  /// `lost`: the server ended before it was answered.
  void met(const Pair& pair, bool lost);
  /// The journal ended with this kind of record when the server was lost.
  void ended_with(const std::string& fact) { ++last_record_[fact]; }

  void add(const Coverage& other);
  /// For a pipe: add(), from text.
  std::string to_text() const;
  void add_text(const std::string& text);

  /// Tables: answered/lost for each state and message.
  std::string table() const;
  /// Pairs that can happen and never did, answered or lost.
  std::vector<std::string> never() const;

 private:
  struct Seen {
    std::int64_t answered = 0;
    std::int64_t lost = 0;
  };
  /// By kind of entity, state and message.
  std::map<std::string, std::map<std::string, std::map<std::string, Seen>>> seen_;
  std::map<std::string, std::int64_t> last_record_;
};

}  // namespace toll::tests
