// The story of one session, a line for each of its records: what happened, and why it cost what it
// did.
#pragma once

#include <iosfwd>
#include <optional>
#include <string>

#include "billing/facts.hpp"

namespace toll::tools {

class Story {
 public:
  Story(std::string session, std::ostream& out) : id_(std::move(session)), out_(out) {}

  /// Every record of the journal, in order.
  void tell(const billing::Record& record);

  /// The sums. Throws std::runtime_error if the session was never met.
  void end() const;

 private:
  friend struct Teller;

  const std::string id_;
  std::ostream& out_;
  billing::PolicyBook policies_;
  std::optional<billing::Session> session_;
  std::int64_t earned_ = 0;
  std::int64_t forgiven_ = 0;
};

}  // namespace toll::tools
