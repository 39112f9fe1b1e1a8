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
  explicit Search(const History& history) : history_(history) {
    TOLL_ASSERT(history.size() <= most_operations);
    for (std::size_t i = 0; i < history.size(); ++i) must_[i] = history[i].answered;
  }

  Verdict run(const Spec& start) {
    Verdict verdict;
    verdict.linearizable = go_on(start, {});
    verdict.tried = tried_.size();
    if (!verdict.linearizable) verdict.why_not = why_not_;
    return verdict;
  }

 private:
  using Set = std::bitset<most_operations>;

  /// `done` are in order, and led to `state`.
  bool go_on(const Spec& state, Set done) {
    if ((done & must_) == must_) return true;
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
      Set with = done;
      with.set(i);
      for (const Spec& next : state.after(history_[i])) {
        if (go_on(next, with)) return true;
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
  Set must_;
  std::unordered_set<std::string> tried_;
  std::size_t longest_ = 0;
  std::string why_not_;
};

}  // namespace

Verdict check(const History& history, const Spec& start) { return Search(history).run(start); }

}  // namespace toll::tests
