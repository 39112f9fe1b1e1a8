#include "tests/simulation/shrink.hpp"

#include <algorithm>

namespace toll::tests {

namespace {

class Shrinker {
 public:
  Shrinker(const Story& story, const ChangeRules& change_rules, int most_attempts)
      : change_rules_(change_rules), most_attempts_(most_attempts) {
    best_.story = story;
    best_.played = play_apart(story, change_rules);
    best_.attempts = 1;
    // What comes after the step that went wrong has no part in it.
    const auto told = static_cast<std::size_t>(best_.played.steps);
    if (told > 0 && told < story.steps.size()) {
      Story shorter = story;
      shorter.steps.resize(told);
      try_it(std::move(shorter));
    }
  }

  Shrunk run() {
    bool shorter = true;
    while (shorter && best_.attempts < most_attempts_) {
      shorter = drop_steps();
      shorter |= drop_requests();
      shorter |= drop_faults();
    }
    return std::move(best_);
  }

 private:
  bool try_it(Story story) {
    if (best_.attempts >= most_attempts_) return false;
    ++best_.attempts;
    Played played = play_apart(story, change_rules_);
    if (played.wrong.empty()) return false;
    best_.story = std::move(story);
    best_.played = std::move(played);
    return true;
  }

  /// Leaves out runs of items, long ones first.
  template <class Items>
  bool drop(const Items& items_of) {
    bool shorter = false;
    for (std::size_t run = std::max<std::size_t>(items_of(best_.story).size() / 2, 1); run > 0;
         run /= 2) {
      for (std::size_t at = items_of(best_.story).size(); at > 0;) {
        at = at > run ? at - run : 0;
        Story story = best_.story;
        auto& items = items_of(story);
        const auto first = items.begin() + static_cast<std::ptrdiff_t>(at);
        items.erase(first, first + static_cast<std::ptrdiff_t>(std::min(run, items.size() - at)));
        shorter |= try_it(std::move(story));
      }
    }
    return shorter;
  }

  bool drop_steps() {
    return drop([](Story & story) -> auto& { return story.steps; });
  }

  bool drop_requests() {
    bool shorter = false;
    for (std::size_t i = 0; i < best_.story.steps.size(); ++i) {
      if (best_.story.steps[i].requests.empty()) continue;
      shorter |= drop([i](Story & story) -> auto& { return story.steps[i].requests; });
    }
    return shorter;
  }

  template <class Change>
  bool change(const Change& change) {
    bool shorter = false;
    for (std::size_t i = 0; i < best_.story.steps.size(); ++i) {
      Story story = best_.story;
      if (change(story.steps[i])) shorter |= try_it(std::move(story));
    }
    return shorter;
  }

  bool drop_faults() {
    bool shorter =
        change([](Step& step) { return std::exchange(step.fault, Fault::none) != Fault::none; });
    // A crash that comes later than anything else does not come once something was left out.
    shorter |= change(
        [](Step& step) { return std::exchange(step.fault_after, step.fault_after / 2) > 0; });
    shorter |= change([](Step& step) { return std::exchange(step.down_ms, 0) != 0; });
    shorter |= change([](Step& step) { return std::exchange(step.wall_jump_ms, 0) != 0; });
    shorter |= change([](Step& step) { return std::exchange(step.down_jump_ms, 0) != 0; });
    shorter |= change([](Step& step) { return std::exchange(step.clock_unkept, false); });
    shorter |=
        change([](Step& step) { return std::exchange(step.clock_word, std::nullopt).has_value(); });
    shorter |= change([](Step& step) { return std::exchange(step.recovery_fails_at, 0) != 0; });
    shorter |=
        change([](Step& step) { return std::exchange(step.policy, std::nullopt).has_value(); });
    shorter |= change(
        [](Step& step) { return std::exchange(step.unsynced, Unsynced::kept) != Unsynced::kept; });
    shorter |= change([](Step& step) { return !std::exchange(step.on_time, true); });
    shorter |= change([](Step& step) { return std::exchange(step.disk_full, false); });
    return shorter;
  }

  const ChangeRules& change_rules_;
  const int most_attempts_;
  Shrunk best_;
};

}  // namespace

Shrunk shrink(const Story& story, const ChangeRules& change_rules, int most_attempts) {
  return Shrinker(story, change_rules, most_attempts).run();
}

}  // namespace toll::tests
