// Order, groups and gates of the journal.
#include <rocksdb/env.h>

#include <catch2/catch.hpp>
#include <future>
#include <thread>

#include "persistence/group_journal.hpp"
#include "persistence/recovery.hpp"
#include "tests/persistence/harness.hpp"
#include "tests/persistence/journal_fixture.hpp"
#include "tests/persistence/memory_store.hpp"
#include "tests/persistence/script.hpp"
#include "tests/support/power_cut_fs.hpp"
#include "tests/support/temporary_directory.hpp"

using namespace toll;
using namespace toll::persistence;
using namespace toll::test;

namespace {

const billing::Fact fact = billing::Ready{};

/// Notes how far the journal was when the gate opened.
struct Gate final : Waiter {
  Gate(const Journal& journal, billing::Seq seq) : journal(journal), seq(seq) {}
  void durable() noexcept override {
    in_order = journal.durable() >= seq;
    ++times;
    opened.set_value();
  }
  const Journal& journal;
  const billing::Seq seq;
  bool in_order = false;
  int times = 0;
  std::promise<void> opened;
};

}  // namespace

TEST_CASE_METHOD(Fixture, "the journal says for how long the disk has been writing a group") {
  CHECK(journal.writing_ms() == 0);
  std::int64_t seen_ms = 0;
  store.while_writing = [&] {
    while (seen_ms < 2) seen_ms = journal.writing_ms();
  };
  journal.append(10, fact);
  CHECK(journal.writing_ms() == 0);
  CHECK(journal.write_group());
  CHECK(seen_ms >= 2);
  CHECK(journal.writing_ms() == 0);
}

TEST_CASE_METHOD(Fixture, "records are numbered from 1 and written in that order, group by group") {
  CHECK(journal.append(10, fact) == 1);
  CHECK(journal.append(11, fact) == 2);
  CHECK(journal.last() == 2);
  CHECK(journal.durable() == 0);
  CHECK(journal.write_group());
  CHECK(journal.durable() == 2);
  CHECK(journal.append(12, fact) == 3);
  CHECK(journal.write_group());
  CHECK_FALSE(journal.write_group());
  REQUIRE(written.size() == 2);
  CHECK(written[0].records == 2);
  CHECK(store.groups.size() == 2);
  CHECK(journal.waiting_bytes() == 0);
  const JournalTail tail = check_journal(store);
  CHECK(tail.head == 3);
  CHECK(tail.digest == parse_group(store.groups.at(3))->digest);
}

TEST_CASE_METHOD(Fixture, "a gate opens once, when all it rests on is durable") {
  const auto first = std::make_shared<Opened>();
  const auto second = std::make_shared<Opened>();
  journal.append(1, fact);
  journal.when_durable(1, first);
  CHECK(first->times == 0);
  journal.write_group();
  CHECK(first->times == 1);
  journal.when_durable(1, second);
  CHECK(second->times == 1);
  const auto reads = std::make_shared<Opened>();
  journal.when_durable(0, reads);
  CHECK(reads->times == 1);
}

TEST_CASE_METHOD(Fixture, "who follows is told once, of a record beyond where he is") {
  const auto first = std::make_shared<Opened>();
  const auto third = std::make_shared<Opened>();
  journal.when_beyond(0, first);
  journal.when_beyond(2, third);
  journal.append(1, fact);
  CHECK(first->times == 0);
  journal.write_group();
  CHECK(first->times == 1);
  journal.append(2, fact);
  journal.write_group();
  CHECK(third->times == 0);
  const auto late = std::make_shared<Opened>();
  journal.when_beyond(1, late);
  CHECK(late->times == 1);
  journal.append(3, fact);
  journal.append(4, fact);
  journal.write_group();
  CHECK(third->times == 1);
  CHECK(first->times == 1);
  CHECK(late->times == 1);
}

TEST_CASE_METHOD(Fixture, "groups are capped at 1 MiB, and a gate waits for its own group only") {
  billing::Granted large;
  large.subscription = std::string(300'000, 'x');
  for (int i = 0; i < 8; ++i) journal.append(1, large);
  const auto third = std::make_shared<Opened>();
  const auto last = std::make_shared<Opened>();
  journal.when_durable(journal.last(), last);
  journal.when_durable(3, third);
  CHECK(journal.waiting_bytes() > 8 * 300'000);
  CHECK(journal.write_group());
  CHECK(third->times == 1);
  CHECK(last->times == 0);
  while (journal.write_group()) {
  }
  CHECK(last->times == 1);
  for (const auto& group : written) CHECK(group.bytes <= max_group_bytes);
  CHECK(written.size() == 3);
  CHECK(check_journal(store).head == 8);
}

TEST_CASE_METHOD(Fixture,
                 "a group that is not durable ends everything: no gate opens, no second try") {
  store.next = GENERATE(Outcome::unknown, Outcome::fenced);
  const auto waiter = std::make_shared<Opened>();
  journal.append(1, fact);
  journal.when_durable(1, waiter);
  CHECK_THROWS_AS(journal.write_group(), BrokenDisk);
  store.next = Outcome::durable;
  CHECK_FALSE(journal.write_group());
  CHECK(waiter->times == 0);
  CHECK(journal.durable() == 0);
  CHECK(store.groups.empty());
}

TEST_CASE_METHOD(Fixture, "a changed, missing or misplaced group is damage") {
  for (int i = 0; i < 3; ++i) {
    journal.append(i, fact);
    journal.write_group();
  }
  CHECK_NOTHROW(check_journal(store));
  SECTION("changed") { store.groups[2].back() ^= 1; }
  SECTION("missing") { store.groups.erase(2); }
  SECTION("the first missing") { store.groups.erase(1); }
  SECTION("misplaced") { store.groups[4] = store.groups[3]; }
  SECTION("another history with right checksums") {
    GroupBuilder other(2, "");
    std::string body;
    other.add("anything");
    other.seal({});
    store.groups[2] = other.value;
  }
  CHECK_THROWS_AS(check_journal(store), StorageError);
}

TEST_CASE("a gate stays shut while its group is being synced, and the next group gathers") {
  const TemporaryDirectory place;
  const auto system = std::make_shared<PowerCutFileSystem>();
  const auto env = environment(system);
  StorageOptions options = by_hand(place.inside("data"), env.get());
  options.threads = true;
  std::vector<std::size_t> groups;
  options.on_group = [&](const GroupWritten& group) { groups.push_back(group.records); };
  auto storage = Storage::open(options);
  Journal& journal = storage->journal();

  std::promise<void> syncing;
  std::promise<void> go_on;
  std::atomic<bool> hold{true};
  system->before_sync = [&] {
    if (!hold.exchange(false)) return;
    syncing.set_value();
    go_on.get_future().wait();
  };
  const auto first = std::make_shared<Gate>(journal, 1);
  journal.append(1, fact);
  journal.when_durable(1, first);
  syncing.get_future().wait();
  const auto second = std::make_shared<Gate>(journal, 3);
  journal.append(2, fact);
  journal.append(3, fact);
  journal.when_durable(3, second);
  CHECK(first->times == 0);
  CHECK(second->times == 0);
  CHECK(journal.durable() == 0);
  go_on.set_value();
  first->opened.get_future().wait();
  second->opened.get_future().wait();
  CHECK(first->in_order);
  CHECK(second->in_order);
  storage.reset();
  CHECK(groups == std::vector<std::size_t>{1, 2});
}

TEST_CASE("many threads append: every number once, every gate once and in order") {
  const TemporaryDirectory place;
  StorageOptions options = by_hand(place.inside("data"));
  options.threads = true;
  std::vector<std::vector<std::shared_ptr<Gate>>> gates(4);
  {
    const auto storage = Storage::open(options);
    std::vector<std::thread> threads;
    for (auto& mine : gates) {
      threads.emplace_back([&mine, &journal = storage->journal()] {
        for (int i = 0; i < 5000; ++i) {
          mine.push_back(std::make_shared<Gate>(journal, journal.append(i, fact)));
          journal.when_durable(mine.back()->seq, mine.back());
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    storage->flush();
    CHECK(storage->journal().applied() == 20'000);
  }
  std::vector<bool> seen(20'001);
  for (const auto& mine : gates) {
    for (const auto& gate : mine) {
      REQUIRE(gate->times == 1);
      REQUIRE(gate->in_order);
      REQUIRE_FALSE(seen[gate->seq]);
      seen[gate->seq] = true;
    }
  }
  const auto storage = Storage::open(by_hand(place.inside("data")));
  CHECK(storage->recovered().head == 20'000);
}

TEST_CASE("a write error ends the process, and nothing is acknowledged any more") {
  const TemporaryDirectory place;
  const auto system = std::make_shared<PowerCutFileSystem>();
  const auto env = environment(system);
  const auto storage = Storage::open(by_hand(place.inside("data"), env.get()));
  storage->journal().append(1, fact);
  storage->pump();
  system->cut_at_sync(1);
  const auto waiter = std::make_shared<Opened>();
  storage->journal().append(2, fact);
  storage->journal().when_durable(2, waiter);
  CHECK_THROWS_AS(storage->pump(), BrokenDisk);
  CHECK(waiter->times == 0);
  CHECK(storage->journal().durable() == 1);
  CHECK_THROWS_AS(storage->record_sign_of_life(5), BrokenDisk);
}
