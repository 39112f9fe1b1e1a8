#include "tests/histories/checker.hpp"

#include <algorithm>
#include <bitset>
#include <limits>
#include <sstream>
#include <unordered_set>

#include "billing/assert.hpp"

namespace toll::tests {

namespace {

class Search {
 public:
  Search(const History& history, std::size_t most_states)
      : history_(history), most_states_(most_states) {
    TOLL_ASSERT(history.size() <= most_operations);
    for (std::size_t i = 0; i < history.size(); ++i) must_[i] = history[i].answered;
  }

  Verdict run(const Spec& start) {
    Verdict verdict;
    verdict.linearizable = go_on(start, {});
    verdict.tried = tried_.size();
    verdict.decided = verdict.linearizable || verdict.tried < most_states_;
    if (!verdict.linearizable) verdict.why_not = why_not_;
    return verdict;
  }

 private:
  using Set = std::bitset<most_operations>;

  static bool only_reads(const Operation& operation) {
    return operation.kind == "session" || operation.kind == "subscription";
  }

  /// Of equal things that may happen or not, the first comes first.
  bool has_twin_before(std::size_t i, const Set& done) const {
    if (must_[i] || i == 0 || done[i - 1] || must_[i - 1]) return false;
    const Operation& one = history_[i];
    const Operation& before = history_[i - 1];
    return one.kind == before.kind && one.id == before.id && one.number == before.number &&
           one.invoked == before.invoked;
  }

  /// Whether something that may happen or not could not happen any more once this one has.
  bool ends_any(const Set& done, std::int64_t last_request, std::size_t one) const {
    for (std::size_t i = 0; i < history_.size(); ++i) {
      const std::int64_t returned = history_[i].returned;
      if (must_[i] || done[i] || returned == 0) continue;
      if (returned >= last_request && returned < history_[one].invoked) return true;
    }
    return false;
  }

  /// `done` are in order, and led to `state`.
  bool go_on(const Spec& state, Set done) {
    if ((done & must_) == must_) return true;
    if (tried_.size() >= most_states_) return false;
    if (!tried_.insert(done.to_string() + ' ' + state.key()).second) return false;
    // Whoever was answered before another one asked comes first.
    std::int64_t first_return = std::numeric_limits<std::int64_t>::max();
    std::int64_t last_request = 0;
    for (std::size_t i = 0; i < history_.size(); ++i) {
      if (done[i]) {
        last_request = std::max(last_request, history_[i].invoked);
      } else if (must_[i]) {
        first_return = std::min(first_return, history_[i].returned);
      }
    }
    for (std::size_t i = 0; i < history_.size(); ++i) {
      const std::int64_t returned = history_[i].returned;
      if (done[i] || history_[i].invoked > first_return) continue;
      if (!must_[i] && returned != 0 && returned < last_request) continue;
      if (has_twin_before(i, done)) continue;
      Set with = done;
      with.set(i);
      const std::vector<Spec> next = state.after(history_[i]);
      // A read that fits now changes nothing for the others: it need not be tried later as well.
      if (only_reads(history_[i]) && !next.empty() && !ends_any(done, last_request, i)) {
        return go_on(next.front(), with);
      }
      for (const Spec& state_after : next) {
        if (go_on(state_after, with)) return true;
      }
    }
    remember(state, done);
    return false;
  }

  void remember(const Spec& state, Set done) {
    if (done.count() < longest_) return;
    longest_ = done.count();
    std::ostringstream out;
    out << "after " << longest_ << " operations the state is\n  " << state.in_words()
        << "\nand none of these can be next:\n";
    for (std::size_t i = 0; i < history_.size(); ++i) {
      if (!done[i]) out << "  " << in_words(history_[i]) << '\n';
    }
    why_not_ = out.str();
  }

  const History& history_;
  const std::size_t most_states_;
  Set must_;
  std::unordered_set<std::string> tried_;
  std::size_t longest_ = 0;
  std::string why_not_;
};

}  // namespace

Verdict check(const History& history, const Spec& start, std::size_t most_states) {
  return Search(history, most_states).run(start);
}

}  // namespace toll::tests
