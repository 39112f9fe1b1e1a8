// A verification drops what is over. What it finds all the same, and in how little memory.
#include "persistence/audit.hpp"

#include <catch2/catch.hpp>

#include "persistence/keys.hpp"
#include "persistence/recovery.hpp"
#include "tests/persistence/journal_fixture.hpp"
#include "tests/persistence/script.hpp"
#include "tests/support/temporary_directory.hpp"

using namespace toll;
using namespace toll::persistence;
using namespace toll::test;

namespace {

/// A journal alone, as that of a backup.
struct Written : Fixture {
  std::vector<billing::Record> records = every_kind();

  /// Five records in a group.
  const JournalGroups& write() {
    for (std::size_t i = 0; i < records.size(); ++i) {
      const auto& cause = records[i].cause;
      journal.append(records[i].at, records[i].fact, cause ? &*cause : nullptr);
      if (i % 5 == 4) journal.write_group();
    }
    while (journal.write_group()) {
    }
    return store;
  }
  void add(const billing::Fact& fact) { records.push_back({records.size() + 1, 5, fact, {}}); }
  template <class Fact>
  Fact first() const {
    for (const auto& record : records) {
      if (const auto* fact = std::get_if<Fact>(&record.fact)) return *fact;
    }
    throw std::logic_error("there is none");
  }
  /// What the records so far come to.
  Folded folded() const {
    Folded folded;
    for (const auto& record : records) folded.add(record);
    return folded;
  }
  std::string last() const { return "record " + std::to_string(records.size()) + ": "; }
};

Verified in_order(const JournalGroups& journal) { return verify_journal(journal); }

billing::BookTotals in_memory(const JournalGroups& journal, std::size_t bytes) {
  const RowHash hash;
  HistoryIndex index(hash);
  check_journal(journal, {}, [&](const GroupView& group) { REQUIRE(index.add(group)); });
  Audit audit{journal, nullptr, hash, index, nullptr, nullptr, in_silence, 0};
  audit.most_bytes = bytes;
  return audit.quickly();
}

}  // namespace

TEST_CASE_METHOD(Written, "a session that is over and was made again is found and named") {
  add(first<billing::Created>());
  CHECK_THROWS_WITH(in_order(write()), last() + "created twice");
}

TEST_CASE_METHOD(Written, "so is a withdrawal") {
  billing::WithdrawalRequested again = first<billing::WithdrawalRequested>();
  again.version = folded().doctors.at(again.doctor).version + 1;
  again.amount.amount = 1;
  add(again);
  CHECK_THROWS_WITH(in_order(write()), last() + "withdrawal w1: requested twice");
}

TEST_CASE_METHOD(Written, "so is a refund of more than a session that is over still has") {
  billing::Refunded more = first<billing::Refunded>();
  more.version = folded().sessions.at(more.session).version + 1;
  more.units = 9;
  add(more);
  CHECK_THROWS_WITH(in_order(write()), last() + "more refunded than was charged");
}

TEST_CASE_METHOD(Written, "and a unit of a subscription that nothing named since") {
  billing::Created more = first<billing::Created>();
  more.session = "more";
  more.hold = {"nobody's", ""};
  add(more);
  CHECK_THROWS_WITH(in_order(write()), last() + "subscription nobody's: is not known");
}

TEST_CASE_METHOD(Written, "a journal in order has the same totals in one pass and in many") {
  records = random_clinic(3, 20'000);
  const JournalGroups& journal = write();
  const billing::BookTotals once = in_memory(journal, 256u << 20);
  const billing::BookTotals often = in_memory(journal, 20'000);
  CHECK(!once.violation());
  CHECK(!often.violation());
  CHECK(once.sessions > 1'000);
  CHECK(once.sessions == often.sessions);
  CHECK(once.live_sessions == often.live_sessions);
  CHECK(once.subscriptions == often.subscriptions);
  CHECK(once.doctors == often.doctors);
  CHECK(once.units_taken == often.units_taken);
  CHECK(once.earned == often.earned);
}

TEST_CASE("a key that was used twice within its time is no damage") {
  const TemporaryDirectory place;
  auto records = every_kind();
  records.push_back({records.size() + 1, 1'000'100, billing::ClockAdvanced{}, cause('b')});
  make_directory(place.inside("data"), records);
  CHECK(verify(place.inside("data")).records == records.size());
}

TEST_CASE("a place of a kept answer that nobody made is found") {
  const TemporaryDirectory place;
  make_directory(place.inside("data"), every_kind());
  {
    DiskFailure failure([](const std::string& what) { throw BrokenDisk{what}; }, true);
    const auto database =
        Database::open(place.inside("data"), nullptr, OpenMode::read_write, failure);
    REQUIRE(database->rows().Put({}, keys::expiry(7, cause('z').key), "").ok());
  }
  CHECK_THROWS_WITH(verify(place.inside("data")), Catch::Contains("belongs to nobody"));
}
