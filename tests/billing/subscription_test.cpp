// Decisions on subscriptions: sold once, changed only where something changes, topped up in bounds.
#include <catch2/catch.hpp>

#include "tests/billing/dies.hpp"
#include "tests/billing/world.hpp"

namespace toll::tests {

namespace {

World sold() {
  World world;
  world.put(t0, grant("s1", "p", 5));
  return world;
}

}  // namespace

TEST_CASE("the same request again is no conflict, another one is") {
  World world = sold();
  world.top_up(t0, "s1", {1, 1, 1});
  world.patch(t0, "s1", {.enabled = false, .members = {}, .ends_at = {}});
  const std::size_t records = world.records.size();
  CHECK_FALSE(world.put(t0 + 9, grant("s1", "p", 5)).refusal);
  CHECK(world.put(t0 + 9, grant("s1", "p", 6)).refusal == Refusal::subscription_exists);
  CHECK(world.records.size() == records);
}

TEST_CASE("a change that changes nothing is not recorded") {
  World world = sold();
  const std::size_t records = world.records.size();
  world.patch(t0, "s1", {.enabled = true, .members = {{}}, .ends_at = t0 + days(30)});
  world.patch(t0, "s1", {});
  CHECK(world.records.size() == records);
  const Change change{.enabled = false, .members = {{"m"}}, .ends_at = t0 + days(2)};
  for (int twice = 0; twice < 2; ++twice) world.patch(t0 + twice, "s1", change);
  CHECK(world.records.size() == records + 1);
}

TEST_CASE("a change records only what differs") {
  World world = sold();
  world.patch(t0, "s1", {.enabled = true, .members = {{"m"}}, .ends_at = t0 + days(30)});
  const auto& fact = std::get<Changed>(world.records.back().fact);
  CHECK_FALSE(fact.enabled);
  CHECK_FALSE(fact.ends_at);
  CHECK(world.subscriptions.at("s1").members == std::vector<std::string>{"m"});
  world.patch(t0, "s1", {.enabled = false, .members = {}, .ends_at = t0 + days(2)});
  CHECK_FALSE(world.subscriptions.at("s1").enabled);
  CHECK(world.subscriptions.at("s1").ends_at == t0 + days(2));
  CHECK(world.subscriptions.at("s1").members.size() == 1);
  CHECK(world.subscriptions.at("s1").version == 3);
}

TEST_CASE("an end at or before the start is refused as a whole") {
  World world = sold();
  const Done done = world.patch(t0, "s1", {.enabled = false, .members = {}, .ends_at = t0});
  CHECK(done.refusal == Refusal::empty_period);
  CHECK(code(*done.refusal) == "invalid_request");
  CHECK(world.subscriptions.at("s1").enabled);
  CHECK_FALSE(world.patch(t0, "s1", {.enabled = {}, .members = {}, .ends_at = t0 + 1}).refusal);
}

TEST_CASE("top-ups stop at the limit per channel, all or nothing") {
  World world = sold();
  CHECK_FALSE(world.top_up(t0, "s1", {max_units - 5, 1, 0}).refusal);
  CHECK(world.subscriptions.at("s1").granted == Units{max_units, 6, 5});
  CHECK(world.top_up(t0, "s1", {1, 1, 1}).refusal == Refusal::too_many_units);
  CHECK(world.subscriptions.at("s1").granted == Units{max_units, 6, 5});
}

TEST_CASE("free units below zero end the process, whoever asks") {
  Subscription subscription;
  subscription.granted = {1, 1, 1};
  subscription.refunded = {1, 0, 0};
  subscription.taken = {1, 1, 1};
  subscription.held = {1, 0, 1};
  CHECK(subscription.free(Channel::text) == 0);
  CHECK(subscription.free(Channel::voice) == 0);
  CHECK(dies([&] { subscription.free(Channel::video); }));
}

TEST_CASE("the fold refuses to spend what is not there") {
  const World world = sold();
  const auto fold_dies = [&](const Fact& fact) {
    World copy = world;
    return dies([&] { copy.append(t0, fact); });
  };
  Created five_held{"y", 1, Channel::text, "p", "d", default_currency, {}, 1, {"s1", ""}};
  CHECK_FALSE(fold_dies(five_held));
  World drained = world;
  for (int i = 0; i < 5; ++i) {
    five_held.session = "y" + std::to_string(i);
    drained.append(t0, five_held);
  }
  five_held.session = "one-too-many";
  CHECK(dies([&] { drained.append(t0, five_held); }));
  CHECK(fold_dies(ToppedUp{"s1", 3, {1, 0, 0}}));          // not the next version
  CHECK(fold_dies(ToppedUp{"s1", 2, {max_units, 0, 0}}));  // above the limit
  CHECK(fold_dies(Changed{"s1", 2, {}, {}, t0, t0}));      // an empty period
}

TEST_CASE("the fold refuses facts about a session that do not follow") {
  World world = running(Channel::text, 5);
  const Version next = world.sessions.at("x").version + 1;
  const Hold held{"s1", ""};
  const Money pay{350'000, default_currency};
  const Charged good{"x", next, Channel::text, 1, 1, held, held, "d", pay, "timer"};
  const auto fold_dies = [&](const Charged& fact) {
    return dies([&] { world.append(t0 + minutes(10), fact); });
  };
  CHECK_FALSE(fold_dies(good));
  Charged bad = good;
  bad.version = next + 1;
  CHECK(fold_dies(bad));
  bad = good;
  bad.first_interval = 2;
  CHECK(fold_dies(bad));
  bad = good;
  bad.taken = {"s2", ""};
  CHECK(fold_dies(bad));
  bad = good;
  bad.pay.currency = {{'U', 'S', 'D'}};
  CHECK(fold_dies(bad));
  bad = good;
  bad.units = 0;
  CHECK(fold_dies(bad));
  CHECK(dies([&] { world.append(t0, Activated{"x", next}); }));  // activated once
}

}  // namespace toll::tests
