// What counts as a step of the wall clock.
#include "actors/clock.hpp"

#include <catch2/catch.hpp>

using toll::actors::Clocks;
using toll::actors::StepWatch;

TEST_CASE("a step of the wall clock is told from time that passes") {
  StepWatch watch;
  CHECK(watch.look({1'000'000, 500}) == 0);
  CHECK(watch.look({1'000'500, 1'000}) == 0);      // time passes
  CHECK(watch.look({4'600'500, 3'601'000}) == 0);  // suspended for an hour: both went on
  CHECK(watch.look({4'601'499, 3'601'000}) == 0);
  CHECK(watch.look({4'602'499, 3'601'000}) == 1'000);
  CHECK(watch.look({1'002'999, 3'601'500}) == -3'600'000);
  CHECK(watch.look({1'003'499, 3'602'000}) == 0);  // told once
}

TEST_CASE("slewing never adds up to a step") {
  StepWatch watch;
  for (int look = 0; look < 10'000; ++look) CHECK(watch.look({600 * look, 500 * look}) == 0);
}
