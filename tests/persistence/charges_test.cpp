// Charges are added to rows without reading them, and places move from a row to postings: what is
// read is the same as if every record had rewritten its rows.
#include "persistence/charges.hpp"

#include <catch2/catch.hpp>
#include <numeric>

#include "persistence/database.hpp"
#include "persistence/keys.hpp"
#include "persistence/verify.hpp"
#include "tests/persistence/harness.hpp"
#include "tests/persistence/script.hpp"
#include "tests/support/temporary_directory.hpp"

using namespace toll;
using namespace toll::billing;
using namespace toll::persistence;
using namespace toll::test;

namespace {

/// A storage moved by hand, a doctor "d1" and his session "x", active, with units of "s1" and "s2".
struct Clinic {
  TemporaryDirectory place;
  std::string directory = place.inside("data");
  std::unique_ptr<Storage> storage = Storage::open(by_hand(directory));
  Script script;
  std::size_t stored = 0;

  Clinic() {
    script.grant("s1", 100'000);
    script.grant("s2", 100'000);
    script.create("x", "s1", "d1", Channel::voice);
    script.activate("x");
    window();
  }
  ~Clinic() {
    storage.reset();
    CHECK(verify(directory).applied == script.records.size());
  }

  /// What the script said since the last one.
  void window() {
    fill(*storage,
         {script.records.begin() + static_cast<std::ptrdiff_t>(stored), script.records.end()},
         script.records.size() + 1);
    stored = script.records.size();
  }
  void windows_of_charges(int count) {
    for (int i = 0; i < count; ++i) {
      script.charge("x", "s1", 1);
      window();
    }
  }
  void forgive() {
    const Session& session = script.folded.sessions.at("x");
    script.append(
        Forgiven{"x", session.version + 1, session.intervals_processed + 1, 1, "recovery"});
  }
  void reopen() {
    storage.reset();
    storage = Storage::open(by_hand(directory));
  }

  void check_rows() const {
    const Rows& rows = storage->rows();
    const Folded& folded = script.folded;
    for (const auto& [id, session] : folded.sessions) CHECK(rows.session(id) == session);
    for (const auto& [id, entity] : folded.subscriptions) CHECK(rows.subscription(id) == entity);
    for (const auto& [id, doctor] : folded.doctors) CHECK(rows.doctor(id) == doctor);
    for (const std::size_t limit : {1u, 7u, 5000u}) {
      CHECK(lines(limit) == folded.lines.at("x"));
      auto newest_first = folded.entries.at("d1");
      std::reverse(newest_first.begin(), newest_first.end());
      CHECK(entries(limit) == newest_first);
    }
  }
  std::vector<Seq> lines(std::size_t limit) const {
    std::vector<Seq> found;
    std::optional<std::string> cursor;
    do {
      const auto page = storage->rows().statement("x", cursor, limit);
      for (const auto& line : page->items) found.push_back(line.seq);
      cursor = page->next;
    } while (cursor);
    found.erase(std::unique(found.begin(), found.end()), found.end());  // a line for each unit
    return found;
  }
  std::vector<Seq> entries(std::size_t limit) const {
    std::vector<Seq> found;
    std::optional<std::string> cursor;
    do {
      const auto page = storage->rows().entries("d1", cursor, limit);
      for (const auto& entry : page->items) found.push_back(entry.seq);
      cursor = page->next;
    } while (cursor);
    return found;
  }

  /// Sizes of the postings of an owner, oldest first, while no storage is open.
  std::vector<std::size_t> postings(char letter, const std::string& owner) {
    storage.reset();
    std::vector<std::size_t> sizes;
    {
      DiskFailure failure([](const std::string& what) { throw BrokenDisk{what}; }, true);
      const auto database = Database::open(directory, nullptr, OpenMode::read_only, failure);
      const std::string prefix = keys::owner(letter, owner);
      const std::unique_ptr<rocksdb::Iterator> rows(database->rows().NewIterator({}));
      for (rows->Seek(prefix); rows->Valid() && rows->key().starts_with(prefix); rows->Next()) {
        Places places;
        REQUIRE(places.read(rows->value().ToStringView()));
        sizes.push_back(places.size());
      }
    }
    storage = Storage::open(by_hand(directory));
    return sizes;
  }
};

}  // namespace

TEST_CASE_METHOD(Clinic, "places move from the row to a posting when there are so many") {
  const std::size_t count = GENERATE(format::min_posting - 1, format::min_posting,
                                     format::min_posting + 1, 2 * format::min_posting + 3);
  for (std::size_t i = 0; i < count; ++i) {
    forgive();  // needs the session whole, so it is written whole
    window();
  }
  script.charge("x", "s1", 1);
  window();
  check_rows();
  const std::size_t whole = count / format::min_posting;
  CHECK(postings(format::statement_posting, "x") ==
        std::vector<std::size_t>(whole, format::min_posting));
  check_rows();
}

TEST_CASE_METHOD(Clinic, "a window with more places than a posting holds makes several") {
  for (std::size_t i = 0; i < format::max_posting + 5; ++i) script.charge("x", "s1", 1);
  window();
  check_rows();
  const std::vector<std::size_t> expected{format::max_posting, 5};
  CHECK(postings(format::statement_posting, "x") == expected);
  CHECK(postings(format::entry_posting, "d1") == expected);
}

TEST_CASE_METHOD(Clinic,
                 "a row that is charged for long is read back, and its places do not pile up") {
  windows_of_charges(700);
  check_rows();
  for (const auto& [letter, owner] :
       {std::pair(format::statement_posting, "x"), std::pair(format::entry_posting, "d1")}) {
    const auto sizes = postings(letter, owner);
    CHECK(std::accumulate(sizes.begin(), sizes.end(), std::size_t{0}) > 700 / 3);
    for (const std::size_t size : sizes) CHECK(size >= format::min_posting);
  }
  for (int i = 0; i < 10; ++i) {
    windows_of_charges(3);  // they reach the disk without the row that they belong to
    reopen();
  }
  check_rows();
}

TEST_CASE_METHOD(Clinic, "after many charges, everything else finds the entities as they are") {
  windows_of_charges(40);
  SECTION("in the next window") {}
  SECTION("in the same window") { script.charge("x", "s1", 2); }
  SECTION("after a restart") { reopen(); }
  SECTION("the unit of another subscription") {
    script.charge("x", "s2", 1);
    script.charge("x", "s2", 3);
    script.charge("x", "s1", 1);
  }
  SECTION("another session of another channel between") {
    script.grant("s3", 50);
    script.create("y", "s1", "d2", Channel::video);
    script.activate("y");
    window();
    for (int i = 0; i < 5; ++i) {
      script.charge("x", "s1", 1);
      script.charge("y", "s1", 2);
    }
    window();
  }
  script.charge("x", "s1", 1);
  script.end("x", true);
  script.withdraw("w1", "d1", 350'000);
  window();
  check_rows();
  reopen();
  script.refund("x", 1);
  script.move("w1", WithdrawalStatus::rejected);
  window();
  check_rows();
}

TEST_CASE_METHOD(Clinic, "charges that do not follow each other are not added") {
  Charges charges;
  script.charge("x", "s1", 1);
  const auto fact = [this] { return std::get<Charged>(script.records.back().fact); };
  charges.add<Session>(fact(), 1);
  Charges same = charges;
  CHECK_FALSE(charges.add(same));
  script.charge("x", "s1", 1);
  Charges next;
  next.add<Session>(fact(), 2);
  next.places.add(9);
  CHECK(charges.add(next));
  CHECK(charges.records == 2);
  CHECK(charges.places == next.places);
  Charges of_a_doctor;
  of_a_doctor.add<Doctor>(fact(), 0);
  CHECK_FALSE(charges.add(of_a_doctor));
  window();
}
