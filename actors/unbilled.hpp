// How long a patient has kept a doctor busy with sessions that were never billed: a start costs
// him nothing, and the doctor can serve nobody else meanwhile. Counted are those that he started
// with his own token; whoever starts sessions for others knows what he does. Lives in memory only.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "billing/session.hpp"

namespace toll::actors {

class Unbilled {
 public:
  static constexpr billing::Instant most_ms = billing::Instant{900} * 1000;
  static constexpr billing::Instant window_ms = billing::Instant{3600} * 1000;

  /// A patient has started a session himself.
  void started(const std::string& session) { own_.insert(session); }

  /// Any session has ended.
  void ended(const billing::Session& session);

  /// When the patient may start a session with the doctor again, if he may not at `now`: his
  /// sessions kept the doctor busy for `most_ms` of the last `window_ms`.
  std::optional<billing::Instant> refused_until(const std::string& patient,
                                                const std::string& doctor,
                                                billing::Instant now) const;

  /// Pairs of a patient and a doctor that something is known of.
  std::size_t known() const { return pairs_.size(); }

 private:
  struct Busy {
    billing::Instant since = 0;  ///< when the first of the sessions in it ended
    billing::Instant until = 0;  ///< and the last
    billing::Instant ms = 0;     ///< of all of them
  };

  void forget(billing::Instant now);

  std::unordered_set<std::string> own_;  ///< live sessions
  std::unordered_map<std::string, std::deque<Busy>> pairs_;
  /// The same in the order in which they came: each is forgotten when it cannot count any more.
  std::deque<std::pair<billing::Instant, std::string>> forgetting_;
};

}  // namespace toll::actors
