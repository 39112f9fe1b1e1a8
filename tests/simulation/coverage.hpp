// Which transitions were seen: states of entities, what came upon them, and whether the server was
// lost meanwhile.
#pragma once

#include <map>
#include <string>

#include "tests/simulation/story.hpp"
#include "tests/support/model.hpp"

namespace toll::tests {

class Coverage {
 public:
  /// What a request meets in this model, and whether the server ended while it was under way.
  void met(const model::Model& model, const actors::Command& command, billing::Instant at,
           bool lost);
  /// The journal ended with this kind of record when the server was lost.
  void ended_with(const std::string& fact) { ++last_record_[fact]; }

  void add(const Coverage& other);
  /// For a pipe: add(), from text.
  std::string to_text() const;
  void add_text(const std::string& text);

  /// Tables: calm/lost for each state and message.
  std::string table() const;
  /// Pairs that can happen and never did, calm or lost.
  std::vector<std::string> never() const;

 private:
  struct Seen {
    std::int64_t calm = 0;
    std::int64_t lost = 0;
  };
  /// By kind of entity, state and message.
  std::map<std::string, std::map<std::string, std::map<std::string, Seen>>> seen_;
  std::map<std::string, std::int64_t> last_record_;
};

}  // namespace toll::tests
