// Kept answers: what the row of a key says is the state just after its record, whatever came later
// in the same window, and it goes when it has expired.
#include <catch2/catch.hpp>

#include "persistence/folded.hpp"
#include "persistence/verify.hpp"
#include "tests/persistence/harness.hpp"
#include "tests/persistence/script.hpp"
#include "tests/support/temporary_directory.hpp"

using namespace toll;
using namespace toll::billing;
using namespace toll::persistence;
using namespace toll::test;

namespace {

constexpr Instant day = 24 * 60 * 60 * 1000;

Cause taking(char name, std::int64_t deducted) {
  Cause cause = test::cause(name);
  cause.deducted = deducted;
  return cause;
}

/// A storage moved by hand, with subscription "s1" and session "x", active.
struct Kept {
  TemporaryDirectory place;
  std::string directory = place.inside("data");
  std::unique_ptr<Storage> storage = Storage::open(by_hand(directory));
  Script script;

  Kept() {
    script.grant("s1", 50);
    script.create("x", "s1", "d1", Channel::voice);
    script.activate("x");
    fill(*storage, script.records);
  }
  /// Appends the script's next record with a cause.
  void add(const Cause& cause) {
    const Record& record = script.records.back();
    storage->journal().append(record.at, record.fact, &cause);
  }
  std::optional<KeptAnswer> kept(char name) {
    while (storage->pump()) {
    }
    return storage->rows().kept_answer(cause(name).key);
  }
  Seq top_up(Instant at, const Cause& cause) {
    const Version version = script.folded.subscriptions["s1"].version + 1;
    script.append(ToppedUp{"s1", version, {1, 0, 0}});
    return storage->journal().append(at, script.records.back().fact, &cause);
  }
  void verify_closed() {
    while (storage->pump()) {
    }
    storage.reset();
    verify(directory);
    storage = Storage::open(by_hand(directory));
  }
};

}  // namespace

TEST_CASE_METHOD(Kept, "an answer is the state just after its record") {
  script.charge("x", "s1", 2);
  add(taking('a', 2));
  script.charge("x", "s1", 1);
  add(taking('b', 7));
  script.end("x", true);
  add(taking('c', 1));
  const auto first = kept('a');
  REQUIRE(first);
  CHECK(first->session->units_used == 2);
  CHECK(first->session->status == Status::active);
  CHECK(first->cause == taking('a', 2));
  CHECK_FALSE(first->created);
  CHECK_FALSE(first->manual_unit);
  CHECK(kept('b')->session->units_used == 3);
  CHECK(kept('b')->cause.deducted == 7);
  CHECK(kept('c')->session->status == Status::ended);
  CHECK(kept('c')->manual_unit);
  CHECK_FALSE(kept('d'));
  verify_closed();
  CHECK(kept('a') == first);
}

TEST_CASE_METHOD(Kept, "the last of several records carries the cause") {
  script.charge("x", "s1", 2);
  fill(*storage, {script.records.back()});
  script.refund("x", 1);
  script.refund("x", 1);
  const std::vector<Fact> facts{script.records.end()[-2].fact, script.records.back().fact};
  const Cause both = cause('r');
  storage->journal().append_all(script.now, facts, &both);
  CHECK(kept('r')->session->units_refunded == 2);
  const auto records = events(*storage);
  CHECK_FALSE(records.end()[-2].cause);
  CHECK(records.back().cause == both);
}

TEST_CASE_METHOD(Kept, "answers go when they have expired, the newest use of a key counts") {
  const Instant at = script.now;
  top_up(at, cause('a'));
  top_up(at + day, cause('b'));
  CHECK(kept('a')->created);
  CHECK_FALSE(kept('a')->expired(at + 30 * day - 1));
  CHECK(kept('a')->expired(at + 30 * day));

  // 'a' is used again before anything later has told the rows that it has expired.
  top_up(at + 30 * day, cause('a'));
  CHECK(kept('a')->subscription->granted[0] == 53);
  verify_closed();
  top_up(at + 32 * day, cause('c'));
  CHECK(kept('a')->at == at + 30 * day);
  CHECK_FALSE(kept('b'));
  verify_closed();
  top_up(at + 90 * day, cause('d'));
  CHECK_FALSE(kept('a'));
  CHECK_FALSE(kept('c'));
  verify_closed();
}

TEST_CASE_METHOD(Kept, "a backlog of expired answers goes window by window") {
  for (int i = 0; i < 3000; ++i) {
    Cause many = cause('m');
    many.key[0] = static_cast<char>(i);
    many.key[1] = static_cast<char>(i >> 8);
    top_up(script.now, many);
  }
  const auto left = [&] {
    int count = 0;
    for (int i = 0; i < 3000; ++i) {
      Cause many = cause('m');
      many.key[0] = static_cast<char>(i);
      many.key[1] = static_cast<char>(i >> 8);
      count += storage->rows().kept_answer(many.key).has_value();
    }
    return count;
  };
  kept('m');
  CHECK(left() == 3000);
  int windows = 0;
  for (Instant at = script.now + 40 * day; left() > 0; ++at) {
    top_up(at, cause('n'));
    kept('n');
    REQUIRE(++windows < 10);
  }
  CHECK(windows > 1);  // never all at once
  verify_closed();
}
