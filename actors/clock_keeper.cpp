#include "actors/clock_keeper.hpp"

namespace toll::actors {

using namespace billing;
using persistence::ClockStanding;
using persistence::ClockWord;

namespace {

ClockStanding standing(const Clock::View& view, bool done) {
  const Instant wall = view.now - view.ahead_ms;
  return {done, view.now, view.ahead_ms, view.astray_ms,
          view.offset ? left_of(*view.offset, wall) : 0};
}

}  // namespace

void ClockKeeper::look() {
  const Clock::View view = clock_.view();
  if (!offset_on_record_ || view.offset) return;
  journal_.append(view.now, ClockResumed{0});
  offset_on_record_ = false;
}

ClockStanding ClockKeeper::obey(ClockWord word) {
  if (word == ClockWord::show) return standing(clock_.view(), true);
  const auto [before, after] = clock_.take_wall(
      [&](const Clock::View& view) { return word == ClockWord::accept || view.ahead_ms > 0; });
  const bool done = before.astray_ms != after.astray_ms;
  if (done && after.offset) {
    journal_.append(after.offset->at, ClockResumed{after.offset->ms});
  } else if (done) {
    journal_.append(after.now, ClockAccepted{before.now});
  }
  if (done) offset_on_record_ = after.offset.has_value();
  return standing(after, done);
}

}  // namespace toll::actors
