// docs/RULES.md, "Paying the doctor": currencies and rates.
#include <catch2/catch.hpp>

#include "tests/billing/dies.hpp"
#include "tests/billing/world.hpp"

namespace toll::tests {

namespace {

constexpr Currency eur{{'E', 'U', 'R'}};

}  // namespace

TEST_CASE("a doctor has a currency, the default one unless he says so") {
  World world;
  CHECK(world.put_doctor(t0, "d", {}).created);
  CHECK(world.doctors.at("d").currency == default_currency);
  CHECK_FALSE(world.put_doctor(t0, "d", usd).created);
  CHECK(world.doctors.at("d").currency == usd);
  const std::size_t records = world.records.size();
  world.put_doctor(t0, "d", {});
  world.put_doctor(t0, "d", usd);
  CHECK(world.doctors.at("d").currency == usd);
  CHECK(world.records.size() == records);
}

TEST_CASE("a currency without rates is refused, also for a doctor not yet known") {
  World world;
  const Done done = world.put_doctor(t0, "d", eur);
  CHECK(done.refusal == Refusal::currency_without_rates);
  CHECK(code(*done.refusal) == "invalid_request");
  CHECK(world.doctors.empty());
}

TEST_CASE("the currency is fixed once a session names the doctor") {
  World world;
  world.put(t0, grant("s1", "p", 5));
  world.start(t0, "x", Channel::text, "p", "d");
  CHECK(world.doctors.at("d").named);
  CHECK(world.put_doctor(t0, "d", usd).refusal == Refusal::currency_fixed);
  CHECK_FALSE(world.put_doctor(t0, "d", default_currency).refusal);
  CHECK_FALSE(world.put_doctor(t0, "d", {}).refusal);
}

TEST_CASE("a refused start fixes no currency") {
  World world;
  world.put_doctor(t0, "d", {});
  world.start(t0, "x", Channel::text, "nobody", "d");
  CHECK_FALSE(world.put_doctor(t0, "d", usd).refusal);
}

TEST_CASE("the pay is units times the rate of the doctor's currency and the channel") {
  Policy policy;
  policy.rates[usd] = {100, 200, 300};
  const std::int64_t expected[] = {100, 200, 300};
  for (const Channel channel : channels) {
    World world{policy};
    world.put_doctor(t0, "d", usd);
    world.put(t0, grant("s1", "p", 9));
    world.start(t0, "x", channel, "p", "d");
    world.activate(t0, "x");
    world.end(t0 + minutes(25), "x");
    CHECK(world.earned("d") == 3 * expected[index(channel)]);
    CHECK(world.doctors.at("d").balance() == world.earned("d"));
    CHECK(world.doctors.at("d").currency == usd);
  }
}

TEST_CASE("the fold never mixes two currencies in one wallet") {
  World world = running(Channel::text, 5);
  const Money dollars{300, usd};
  const Hold held{"s1", ""};
  CHECK(dies([&] {
    apply(world.doctors.at("d"),
          Charged{"x", 3, Channel::text, 1, 1, held, held, "d", dollars, "timer"});
  }));
  CHECK(dies([&] { apply(world.doctors.at("d"), DoctorRegistered{"d", 1, usd}); }));
}

TEST_CASE("a balance is what was earned less what was withdrawn or is asked for") {
  Doctor doctor;
  doctor.earned = 1000;
  doctor.withdrawn = 300;
  doctor.pending = 200;
  CHECK(doctor.balance() == 500);
}

}  // namespace toll::tests
