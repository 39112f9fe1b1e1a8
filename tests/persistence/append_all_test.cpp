// The records of one change stay together: in one group, and so on the disk all of them or none.
#include <rocksdb/env.h>

#include <catch2/catch.hpp>
#include <random>
#include <thread>

#include "persistence/group_journal.hpp"
#include "persistence/recovery.hpp"
#include "tests/persistence/harness.hpp"
#include "tests/persistence/journal_fixture.hpp"
#include "tests/persistence/memory_store.hpp"
#include "tests/support/power_cut_fs.hpp"
#include "tests/support/temporary_directory.hpp"

using namespace toll;
using namespace toll::persistence;
using namespace toll::test;

namespace {

/// As many facts, of about so many bytes each.
std::vector<billing::Fact> change(std::size_t count, std::size_t bytes) {
  billing::Granted fact;
  fact.subscription = std::string(bytes, 'x');
  return std::vector<billing::Fact>(count, fact);
}

struct Range {
  billing::Seq first = 0, last = 0;
};

/// The group in which a record lies.
Range group_of(const MemoryStore& store, billing::Seq seq) {
  const auto group = std::prev(store.groups.upper_bound(seq));
  const auto view = parse_group(group->second);
  REQUIRE(view);
  REQUIRE(view->last() >= seq);
  return {view->first, view->last()};
}

}  // namespace

TEST_CASE_METHOD(Fixture, "records of one change are numbered one after another") {
  CHECK(journal.append(1, billing::Ready{}) == 1);
  CHECK(journal.append_all(2, change(3, 10)) == 2);
  CHECK(journal.last() == 4);
  CHECK(journal.append_all(3, change(1, 10)) == 5);
  const auto waiter = std::make_shared<Opened>();
  journal.when_durable(4, waiter);
  CHECK(journal.write_group());
  CHECK(waiter->times == 1);
  CHECK(journal.waiting_bytes() == 0);
  CHECK(check_journal(store).head == 5);
  billing::Seq seq = 0;
  each_record(*parse_group(store.groups.at(1)), 1, [&](billing::Record&& record) {
    CHECK(record.seq == ++seq);
    CHECK(record.at == (seq == 1 ? 1 : seq < 5 ? 2 : 3));
    return true;
  });
  CHECK(seq == 5);
}

TEST_CASE_METHOD(Fixture, "a change that no longer fits into a group goes into the next, whole") {
  journal.append_all(1, change(3, 300'000));
  const auto second = journal.append_all(1, change(2, 100'000));  // the first of them would fit
  journal.append_all(1, change(2, 100'000));
  while (journal.write_group()) {
  }
  REQUIRE(written.size() == 2);
  CHECK(written[0].records == 3);
  CHECK(group_of(store, second).first == second);
  CHECK(group_of(store, second).last == second + 3);
}

TEST_CASE_METHOD(Fixture, "a change that is longer than a group is a group of its own, whole") {
  journal.append(1, billing::Ready{});
  const auto first = journal.append_all(1, change(5, 300'000));
  journal.append(1, billing::Ready{});
  while (journal.write_group()) {
  }
  REQUIRE(written.size() == 3);
  CHECK(group_of(store, first).first == first);
  CHECK(group_of(store, first).last == first + 4);
  CHECK(check_journal(store).head == 7);
}

TEST_CASE("no change is split over groups, whenever they are written and whatever their size") {
  for (unsigned seed = 0; seed < 40; ++seed) {
    INFO("seed " << seed);
    Fixture fixture;
    std::mt19937 random(seed);
    std::vector<Range> changes;
    for (int i = 0; i < 60; ++i) {
      const std::size_t count = 1 + random() % 4;
      const auto first = fixture.journal.append_all(i, change(count, random() % 200'000));
      changes.push_back({first, first + count - 1});
      if (random() % 8 == 0) fixture.journal.write_group();
    }
    while (fixture.journal.write_group()) {
    }
    REQUIRE(check_journal(fixture.store).head == changes.back().last);
    for (const Range& range : changes) {
      const Range group = group_of(fixture.store, range.first);
      REQUIRE(range.last <= group.last);
    }
    // Records are counted without their lengths: up to 4 bytes each.
    for (const auto& group : fixture.written) {
      REQUIRE(group.bytes <= max_group_bytes + 4 * group.records);
    }
  }
}

TEST_CASE("a power cut at any sync leaves each change whole or absent") {
  for (const auto leftover :
       {PowerCutFileSystem::Leftover::none, PowerCutFileSystem::Leftover::half}) {
    for (std::size_t n = 1, finished = 0; finished == 0; ++n) {
      INFO("power cut at sync " << n);
      const TemporaryDirectory place;
      const auto system = std::make_shared<PowerCutFileSystem>();
      const auto env = environment(system);
      system->cut_at_sync(n);
      billing::Seq acknowledged = 0;
      try {
        const auto storage = Storage::open(by_hand(place.inside("data"), env.get()));
        const std::vector<billing::Fact> three(3, billing::Ready{});
        for (int i = 0; i < 12; ++i) {
          const auto opened = std::make_shared<Opened>();
          storage->journal().append_all(i, three);
          const auto last = storage->journal().last();
          storage->journal().when_durable(last, opened);
          storage->pump();
          if (opened->times == 1) acknowledged = last;
        }
      } catch (const BrokenDisk&) {
      } catch (const StorageError&) {
      }
      finished = !system->cut();
      system->leave(leftover);
      const auto storage = Storage::open(by_hand(place.inside("data")));
      REQUIRE(storage->recovered().head % 3 == 0);
      REQUIRE(storage->recovered().head >= acknowledged);
    }
  }
}

TEST_CASE("many threads append changes: nobody's record comes into another's change") {
  const TemporaryDirectory place;
  StorageOptions options = by_hand(place.inside("data"));
  options.threads = true;
  {
    const auto storage = Storage::open(options);
    std::vector<std::thread> threads;
    for (billing::Instant who = 0; who < 4; ++who) {
      threads.emplace_back([who, &journal = storage->journal()] {
        const std::vector<billing::Fact> three(3, billing::Ready{});
        for (int i = 0; i < 500; ++i) journal.append_all(who * 1000 + i, three);
      });
    }
    for (std::thread& thread : threads) thread.join();
    storage->flush();
  }
  const auto storage = Storage::open(by_hand(place.inside("data")));
  const auto found = events(*storage);
  REQUIRE(found.size() == 6000);
  for (std::size_t i = 0; i < found.size(); i += 3) {
    REQUIRE(found[i].at == found[i + 1].at);
    REQUIRE(found[i].at == found[i + 2].at);
  }
}
