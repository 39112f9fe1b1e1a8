// The sequential rules: what a server that does one thing at a time may answer. The naive model,
// one subscription with those who may use it, and the clock.
#pragma once

#include "tests/histories/history.hpp"
#include "tests/support/model.hpp"

namespace toll::tests {

/// When histories start: 2026-01-01T00:00:00Z.
inline constexpr std::int64_t midnight = 1'767'225'600'000;

class Spec {
 public:
  /// Midnight, and one subscription with so many units of voice.
  Spec(std::int64_t now, const std::string& subscription, const std::string& owner,
       const std::set<std::string>& members, std::int64_t units);

  /// Every state in which the operation can leave this one with the answer that it had; none if it
  /// cannot have come here. A request reads the clock when it comes, so it may be carried out at an
  /// earlier instant than the clock shows by now. Timers and notices that find nothing due lead
  /// nowhere.
  std::vector<Spec> after(const Operation& operation) const;

  /// Equal exactly for states that answer everything alike from now on.
  std::string key() const;

  std::int64_t now() const { return clock_.back(); }

  /// For a person.
  std::string in_words() const;

 private:
  std::string carry_out(const Operation& operation, std::int64_t at);
  std::string read_session(const std::string& id) const;
  std::string read_subscription(const std::string& id) const;
  std::int64_t not_before(const std::string& session) const;
  /// The first instant between now and `before` at which something is due.
  std::optional<std::int64_t> next_due(std::int64_t before) const;

  model::Model model_;
  std::vector<std::int64_t> clock_;  ///< all that it showed, the last one now
  std::set<std::string> members_;
};

}  // namespace toll::tests
