// The tally is the difference that the rows show: of what came since the start, and of nothing
// else.
#include <catch2/catch.hpp>

#include "tests/persistence/harness.hpp"
#include "tests/persistence/script.hpp"
#include "tests/support/temporary_directory.hpp"

using namespace toll;
using namespace toll::persistence;
using namespace toll::test;

namespace {

std::int64_t ended(const Folded& folded, billing::EndReason reason) {
  std::int64_t sum = 0;
  for (const auto& [id, session] : folded.sessions) sum += session.end_reason == reason;
  return sum;
}

std::int64_t earned(const Folded& folded, billing::Currency currency) {
  std::int64_t sum = 0;
  for (const auto& [id, doctor] : folded.doctors) {
    if (doctor.currency == currency) sum += doctor.earned;
  }
  return sum;
}

}  // namespace

TEST_CASE("sessions and money are counted as they come into the rows, not again at a start") {
  const unsigned seed = GENERATE(1u, 2u, 3u, 4u);
  const TemporaryDirectory place;
  const auto records = random_clinic(seed, 800);
  const auto middle = records.begin() + 400;
  Folded before;
  for (auto record = records.begin(); record != middle; ++record) before.add(*record);
  Folded after = before;
  for (auto record = middle; record != records.end(); ++record) after.add(*record);

  // As a killed server leaves them: the start makes rows of all of them.
  make_directory(place.inside("data"), {records.begin(), middle}, false);
  const auto storage = Storage::open(by_hand(place.inside("data")));
  REQUIRE(storage->recovered().records_replayed == 400);
  CHECK(storage->tally() == Tally{});
  fill(*storage, {middle, records.end()}, 7);
  const Tally tally = storage->tally();
  std::int64_t sessions = 0;
  for (const billing::EndReason reason : billing::end_reasons) {
    const std::int64_t counted = tally.ended[static_cast<std::size_t>(reason)];
    CHECK(counted == ended(after, reason) - ended(before, reason));
    sessions += counted;
  }
  CHECK(sessions > 0);
  REQUIRE_FALSE(tally.money.empty());
  for (const auto& [currency, sums] : tally.money) {
    CHECK(sums.earned > 0);
    CHECK(sums.earned - sums.refunded == earned(after, currency) - earned(before, currency));
  }
}
