// docs/RULES.md, "Outages": several of them, very long ones, and an operator's word.
#include <catch2/catch.hpp>

#include "tests/billing/world.hpp"

namespace toll::tests {

namespace {

/// In minutes after the session was answered; its interval is ten.
struct Down {
  std::int64_t since, until;
};

struct Story {
  const char* what;
  std::int64_t cap;
  std::vector<Down> outages;
  std::int64_t used;       ///< when the last one is over
  std::int64_t processed;  ///< the same
};

/// One after another, with the timers on time in between.
World played(const Story& story) {
  Policy policy;
  policy.downtime.cap = story.cap;
  World world = running(Channel::text, 100'000, policy);
  for (const Down& down : story.outages) {
    world.wake(t0 + minutes(down.since), "x");
    world.recover(t0 + minutes(down.since), t0 + minutes(down.until), "x");
  }
  return world;
}

constexpr std::int64_t day_min = 24 * 60;

}  // namespace

TEST_CASE("outages with less than an interval of service between them have one cap") {
  const Story stories[] = {
      {"one", 1, {{9, 25}}, 1, 2},
      {"two, with an interval of service between them", 1, {{9, 15}, {25, 35}}, 3, 3},
      {"two, with a minute less", 1, {{9, 15}, {24, 35}}, 2, 3},
      {"the boundary in service between them does not count", 1, {{9, 15}, {21, 35}}, 2, 3},
      {"none fell into the first", 1, {{1, 9}, {15, 25}}, 2, 2},
      {"a crash every eight minutes", 1, {{9, 11}, {19, 21}, {29, 31}, {39, 41}}, 1, 4},
      {"the cap is used up by the first", 2, {{9, 45}, {49, 55}}, 2, 5},
      {"and by both", 5, {{9, 45}, {49, 65}}, 5, 6},
      {"three, and the first is apart", 1, {{9, 25}, {35, 41}, {45, 55}}, 3, 5},
      {"all is charged", DowntimePolicy::no_cap, {{9, 11}, {19, 21}}, 2, 2},
      {"nothing is", 0, {{9, 11}, {19, 21}, {35, 45}}, 1, 4},
  };
  for (const Story& story : stories) {
    INFO(story.what);
    const World world = played(story);
    CHECK(world.sessions.at("x").units_used == story.used);
    CHECK(world.sessions.at("x").intervals_processed == story.processed);
  }
}

TEST_CASE("the interval that makes two outages one is the session's own") {
  Policy quick;
  quick.interval_s = 60;
  quick.downtime.cap = 1;
  World world = running(Channel::text, 100, quick);
  world.recover(t0 + seconds(50), t0 + seconds(130), "x");  // boundaries 1 and 2
  world.wake(t0 + seconds(190), "x");
  world.recover(t0 + seconds(190), t0 + seconds(250), "x");  // boundary 4, a minute later
  CHECK(world.sessions.at("x").units_used == 3);
  CHECK(world.sessions.at("x").intervals_processed == 4);
}

TEST_CASE("the cap goes on after a crash that came before any sign of life") {
  World world = played({"", 1, {{9, 25}}, 1, 2});
  world.recover(t0 + minutes(9), t0 + minutes(45), "x");  // the sign of life is the old one
  CHECK(world.sessions.at("x").units_used == 1);
  CHECK(world.sessions.at("x").intervals_processed == 4);
  CHECK(world.outages.over.back() == Outage{t0 + minutes(25), t0 + minutes(45)});
}

TEST_CASE("no outage charges more than the longest that may be charged") {
  const Story stories[] = {
      {"a day", DowntimePolicy::no_cap, {{5, 5 + day_min}}, 144, 144},
      {"a minute more", DowntimePolicy::no_cap, {{9, 10 + day_min}}, 144, 145},
      {"400 days", DowntimePolicy::no_cap, {{9, 9 + 400 * day_min}}, 144, 57'600},
      {"400 days, capped", 3, {{9, 9 + 400 * day_min}}, 3, 57'600},
      {"400 days, and a cap beyond it", 200, {{9, 9 + 400 * day_min}}, 144, 57'600},
      {"twice, each for itself",
       DowntimePolicy::no_cap,
       {{9, 9 + 2 * day_min}, {9 + 2 * day_min, 9 + 4 * day_min}},
       288,
       576},
  };
  for (const Story& story : stories) {
    INFO(story.what);
    const World world = played(story);
    CHECK(world.sessions.at("x").units_used == story.used);
    CHECK(world.sessions.at("x").intervals_processed == story.processed);
  }
}

TEST_CASE("an operator decides about the outage under way, and no other") {
  for (const auto verdict : {OutageVerdict::bill, OutageVerdict::forgive}) {
    for (const std::int64_t cap : {DowntimePolicy::no_cap, std::int64_t{2}}) {
      INFO(name(verdict) << ", a cap of " << cap);
      Policy policy;
      policy.downtime.cap = cap;
      World world = running(Channel::text, 100'000, policy);
      const Instant end = t0 + days(3);
      world.begin_outage(t0 + minutes(15), end);
      world.judge_outage(end, verdict);
      world = world.after_crash(world.records.size());
      world.wake(end, "x");
      world.ready(end);
      const bool bill = verdict == OutageVerdict::bill;
      CHECK(world.sessions.at("x").units_used == 1 + (!bill ? 0 : cap > 0 ? cap : 431));
      CHECK(world.sessions.at("x").intervals_processed == 432);
      const std::int64_t before = world.sessions.at("x").units_used;
      world.wake(end + minutes(20), "x");
      world.recover(end + minutes(20), end + days(3), "x");
      CHECK(world.sessions.at("x").units_used == before + 2 + (cap > 0 ? cap : 144));
    }
  }
}

TEST_CASE("of many outages the oldest become one") {
  Outages outages;
  for (std::int64_t i = 0; i < 70; ++i) {
    outages.begin(minutes(10 * i));
    outages.end(minutes(10 * i + 1));
  }
  REQUIRE(outages.over.size() == Outages::remembered);
  CHECK(outages.over.front() == Outage{0, minutes(61)});
  CHECK(outages.over[1] == Outage{minutes(70), minutes(71)});
}

}  // namespace toll::tests
