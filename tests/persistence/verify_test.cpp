// Verification finds what RocksDB's checksums cannot: rows and records that are wrong but intact.
#include "persistence/verify.hpp"

#include <catch2/catch.hpp>

#include "persistence/database.hpp"
#include "persistence/group_journal.hpp"
#include "persistence/keys.hpp"
#include "persistence/recovery.hpp"
#include "persistence/rocks_journal_store.hpp"
#include "tests/persistence/harness.hpp"
#include "tests/persistence/script.hpp"
#include "tests/support/temporary_directory.hpp"

using namespace toll;
using namespace toll::persistence;
using namespace toll::test;

namespace {

/// A directory that verifies, and the hand that spoils it.
struct Spoiled {
  TemporaryDirectory place;
  std::string directory = place.inside("data");
  DiskFailure failure{[](const std::string& what) { throw BrokenDisk{what}; }, true};
  std::unique_ptr<Database> database;

  Spoiled() {
    make_directory(directory, every_kind());
    verify(directory);
    database = Database::open(directory, nullptr, OpenMode::read_write, failure);
  }
  void put(const std::string& key, const std::string& value) {
    REQUIRE(database->rows().Put({}, key, value).ok());
  }
  void remove(const std::string& key) {
    std::string value;
    REQUIRE(database->get_row(key, value));
    REQUIRE(database->rows().Delete({}, key).ok());
  }
  template <class Row>
  Row row(const std::string& key) {
    std::string value;
    Row found;
    REQUIRE(database->get_row(key, value));
    REQUIRE(decode(value, found));
    return found;
  }
  std::string complaint() {
    database.reset();
    try {
      verify(directory);
    } catch (const StorageError& error) {
      return error.what();
    }
    return "";
  }
};

const auto contains = [](const char* text) { return Catch::Contains(text); };

}  // namespace

TEST_CASE_METHOD(Spoiled, "a row that differs is found") {
  SECTION("a wallet") {
    auto doctor = row<Row<billing::Doctor>>(keys::row(format::doctor_row, "d1"));
    doctor.entity.earned += 1;
    put(keys::row(format::doctor_row, "d1"), encode(doctor));
  }
  SECTION("a session") {
    auto session = row<Row<billing::Session>>(keys::row(format::session_row, "late"));
    session.entity.reason = "another";
    put(keys::row(format::session_row, "late"), encode(session));
  }
  SECTION("a withdrawal") {
    auto withdrawal = row<Row<billing::Withdrawal>>(keys::row(format::withdrawal_row, "w2"));
    withdrawal.entity.status = billing::WithdrawalStatus::approved;
    put(keys::row(format::withdrawal_row, "w2"), encode(withdrawal));
  }
  SECTION("a kept answer") {
    auto kept = row<KeptAnswer>(keys::kept(cause('b').key));
    kept.items[0].deducted = 3;
    put(keys::kept(cause('b').key), encode(kept));
  }
  SECTION("a place that is missing") {
    auto doctor = row<Row<billing::Doctor>>(keys::row(format::doctor_row, "d1"));
    const auto places = doctor.newest.numbers();
    doctor.newest = {};
    for (std::size_t i = 1; i + 1 < places.size(); ++i) doctor.newest.add(places[i]);
    put(keys::row(format::doctor_row, "d1"), encode(doctor));
  }
  SECTION("a place too many") {
    auto session = row<Row<billing::Session>>(keys::row(format::session_row, "late"));
    session.newest.add(1000);
    put(keys::row(format::session_row, "late"), encode(session));
  }
  SECTION("a place in the row and in a posting") {
    const billing::Seq first =
        row<Row<billing::Doctor>>(keys::row(format::doctor_row, "d1")).newest.numbers().front();
    Places again;
    again.add(first);
    put(keys::at(keys::owner(format::entry_posting, "d1"), first), again.bytes());
  }
  CHECK_THAT(complaint(), contains("differs from what the journal says"));
}

TEST_CASE_METHOD(Spoiled, "a row that is missing is found") {
  const std::string key = GENERATE(
      keys::row(format::session_row, "call"), keys::row(format::subscription_row, "s2"),
      keys::row(format::doctor_row, "d2"), keys::policy(1), keys::row(format::withdrawal_row, "w1"),
      keys::at(keys::owner(format::doctor_index, "d1"), 5), keys::at(keys::row('a'), 5),
      keys::kept(cause('b').key), keys::expiry(1'000'029, cause('b').key));
  remove(key);
  CHECK_THAT(complaint(), contains("the journal says"));
}

TEST_CASE_METHOD(Spoiled, "oldest places that are missing are found") {
  auto doctor = row<Row<billing::Doctor>>(keys::row(format::doctor_row, "d1"));
  const auto places = doctor.newest.numbers();
  doctor.newest = {};
  for (std::size_t i = 1; i < places.size(); ++i) doctor.newest.add(places[i]);
  put(keys::row(format::doctor_row, "d1"), encode(doctor));
  CHECK_THAT(complaint(), contains("wallet entries, the journal says"));
}

TEST_CASE_METHOD(Spoiled, "a kept answer and its place that are both missing are found") {
  remove(keys::kept(cause('b').key));
  remove(keys::expiry(1'000'029, cause('b').key));
  CHECK_THAT(complaint(), contains("is missing"));
}

TEST_CASE_METHOD(Spoiled, "a row too many is found") {
  SECTION("a kept answer") {
    put(keys::kept(cause('z').key), encode(KeptAnswer{}));
    CHECK_THAT(complaint(), contains("is not in the journal"));
  }
  SECTION("an entity") {
    put(keys::row(format::session_row, "ghost"), encode(Row<billing::Session>{}));
    CHECK_THAT(complaint(), contains("is not in the journal"));
  }
  SECTION("a withdrawal") {
    put(keys::row(format::withdrawal_row, "ghost"), encode(Row<billing::Withdrawal>{}));
    CHECK_THAT(complaint(), contains("is not in the journal"));
  }
  SECTION("a place in a list") {
    put(keys::at(keys::status(billing::Status::active), 5), std::string(1, '\2') + "call");
    CHECK_THAT(complaint(), contains("in a wrong place"));
  }
  SECTION("a posting") {
    put(keys::at(keys::owner(format::entry_posting, "d9"), 7), "");
    CHECK_THAT(complaint(), contains("belongs to nobody"));
  }
  SECTION("of no kind") {
    put("?", "");
    CHECK_THAT(complaint(), contains("no known kind"));
  }
}

TEST_CASE_METHOD(Spoiled, "a record that breaks the rules is found, and named") {
  RocksJournalStore store(*database);
  const JournalTail tail = check_journal(store);
  std::atomic<billing::Seq> applied{tail.head};
  GroupJournal journal(store, failure, applied, tail.head, tail.digest, [](const GroupWritten&) {});
  billing::Charged again;
  again.session = "call";
  again.version = 8;
  again.units = 1;
  journal.append(5, again);
  journal.write_group();
  CHECK_THAT(complaint(), contains("record 37: session call: a record after its end"));
}

TEST_CASE_METHOD(Spoiled, "a directory in order is counted") {
  database.reset();
  const Verified found = verify(directory);
  CHECK(found.records == 36);
  CHECK(found.groups == 36);
  CHECK(found.applied == 36);
  CHECK(found.sessions == 4);
  CHECK(found.live_sessions == 1);
  CHECK(found.subscriptions == 2);
  CHECK(found.doctors == 2);
  CHECK(found.units_taken == 5);  // three of them refunded
  CHECK(found.earned ==
        std::map<billing::Currency, std::int64_t>{{billing::default_currency, 2 * 350'000}});
}

TEST_CASE("a directory that is none is refused") {
  const TemporaryDirectory place;
  CHECK_THROWS_AS(verify(place.inside("nothing")), StorageError);
}
