// A verification that begins at the last one: what it looks at, what it finds, and what it leaves
// to a verification of everything.
#include <catch2/catch.hpp>

#include "persistence/database.hpp"
#include "persistence/keys.hpp"
#include "persistence/record.hpp"
#include "persistence/verified_rows.hpp"
#include "persistence/verify.hpp"
#include "tests/persistence/harness.hpp"
#include "tests/persistence/script.hpp"
#include "tests/support/temporary_directory.hpp"

using namespace toll;
using namespace toll::persistence;
using namespace toll::test;

namespace {

/// A directory that was verified half way, and has gone on since.
struct Since {
  TemporaryDirectory place;
  std::string directory = place.inside("data");
  std::string kept = directory + '/' + format::verified_rows_directory;
  std::vector<billing::Record> records;
  std::size_t written = 0;

  explicit Since(std::vector<billing::Record> all = random_clinic(11, 3'000))
      : records(std::move(all)) {
    go_on(records.size() / 2);
    CHECK(verify_since_last(directory).since == 0);
  }
  /// A server lives as far as this record.
  void go_on(std::size_t to) {
    const auto begin = records.begin();
    fill(*Storage::open(by_hand(directory)),
         {begin + static_cast<std::ptrdiff_t>(written), begin + static_cast<std::ptrdiff_t>(to)},
         7);
    written = to;
  }
  template <class Change>
  void spoil(Change change) const {
    DiskFailure failure([](const std::string& what) { throw BrokenDisk{what}; }, true);
    const auto database = Database::open(directory, nullptr, OpenMode::read_write, failure);
    change(*database);
    database->flush();
  }
  /// One more group, as a server with a fault would have written it; the rows do not have it yet.
  void append(const billing::Fact& fact) const {
    const JournalTail tail{written, verify(directory).digest};
    GroupBuilder group(tail.head + 1, {});
    std::string body;
    encode_record(body, 5, fact, nullptr);
    group.add(body);
    group.seal(tail.digest);
    spoil([&](Database& database) {
      REQUIRE(
          database.db().Put({}, database.journal(), group_key(tail.head + 1), group.value).ok());
    });
  }
  billing::Session session_that_is_over() const {
    Folded folded;
    for (std::size_t i = 0; i < written; ++i) folded.add(records[i]);
    for (const auto& [id, session] : folded.sessions) {
      if (!session.live() && session.units_used > 0) return session;
    }
    throw std::logic_error("there is none");
  }
};

std::string complaint(const std::string& directory) {
  try {
    verify_since_last(directory);
  } catch (const StorageError& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE_METHOD(Since, "a verification begins at the last good one, again and again") {
  std::size_t last = written;
  for (const std::size_t next : {written + 1, written + 700, records.size()}) {
    const Verified before = verify(directory);
    go_on(next);
    const Verified since = verify_since_last(directory);
    const Verified all = verify(directory);
    CHECK(since.since == last);
    CHECK(since.records == next);
    CHECK(since.digest == all.digest);
    CHECK(since.rows == all.rows);
    CHECK(since.groups == all.groups - before.groups);
    CHECK(since.sessions == all.sessions - before.sessions);
    CHECK(since.live_sessions == all.live_sessions - before.live_sessions);
    CHECK(since.subscriptions == all.subscriptions - before.subscriptions);
    CHECK(since.units_taken == all.units_taken - before.units_taken);
    last = next;
  }
  const Verified nothing = verify_since_last(directory);
  CHECK(nothing.since == last);
  CHECK(nothing.groups == 0);
}

TEST_CASE("every kind of record may come after the last verification") {
  const auto records = every_kind();
  for (std::size_t first = 1; first < records.size(); first += 4) {
    const TemporaryDirectory place;
    const auto half = records.begin() + static_cast<std::ptrdiff_t>(first);
    make_directory(place.inside("data"), {records.begin(), half});
    verify_since_last(place.inside("data"));
    fill(*Storage::open(by_hand(place.inside("data"))), {half, records.end()});
    CHECK(verify_since_last(place.inside("data")).since == first);
  }
}

TEST_CASE("answers whose time is over may be there, be gone or be new") {
  auto records = every_kind();
  const std::size_t half = records.size();
  for (const char key : {'d', 'b', 'e'}) {
    records.push_back({records.size() + 1,
                       1'000'100 + (key == 'd' ? 0 : kept_for_ms) + (key == 'e' ? kept_for_ms : 0),
                       billing::ClockAdvanced{}, cause(key)});
  }
  const TemporaryDirectory place;
  make_directory(place.inside("data"), {records.begin(), records.end() - 3});
  verify_since_last(place.inside("data"));
  for (std::size_t next = half; next < records.size(); ++next) {
    fill(*Storage::open(by_hand(place.inside("data"))), {records[next]});
    CHECK(verify_since_last(place.inside("data")).since == next);
  }
}

TEST_CASE("answers whose time is over are still right where they are not deleted yet") {
  auto records = every_kind();
  const auto moved = [&](billing::Instant at) {
    records.push_back({records.size() + 1, at, billing::ClockAdvanced{}, {}});
  };
  for (int i = 0; i < 2'500; ++i) {  // more than are deleted at once
    moved(1'000'100);
    records.back().cause = cause('n');
    for (std::size_t byte = 0; byte < 2; ++byte) {
      records.back().cause->key[byte] = static_cast<char>(i >> 8 * byte);
    }
  }
  const std::size_t half = records.size();
  moved(1'000'100 + kept_for_ms);
  moved(1'000'100 + kept_for_ms);
  const TemporaryDirectory place;
  fill(*Storage::open(by_hand(place.inside("data"))), {records.begin(), records.end() - 2}, 500);
  verify_since_last(place.inside("data"));
  for (std::size_t next = half; next < records.size(); ++next) {
    fill(*Storage::open(by_hand(place.inside("data"))), {records[next]});
    CHECK(verify_since_last(place.inside("data")).since == next);
  }
}

TEST_CASE_METHOD(Since, "where the rows are behind the journal it begins where they are") {
  const std::string killed = place.inside("killed");
  {
    const auto storage = Storage::open(by_hand(directory));
    fill(*storage, {records.begin() + 1'500, records.end()}, 7);
    std::filesystem::copy(directory, killed, std::filesystem::copy_options::recursive);
  }
  for (int i = 0; i < 2; ++i) {
    const Verified found = verify_since_last(killed);
    CHECK(found.since == 1'500);
    CHECK(found.applied == 1'500);
    CHECK(found.records == records.size());
  }
}

TEST_CASE_METHOD(Since, "a row that was changed is found and named, whatever came since") {
  const std::string id = session_that_is_over().id;
  go_on(GENERATE(std::size_t{1'500}, std::size_t{3'000}));
  spoil([&](Database& database) {
    std::string value;
    Row<billing::Session> row;
    REQUIRE(database.get_row(keys::row(format::session_row, id), value));
    REQUIRE(decode(value, row));
    row.entity.reason = "another";
    REQUIRE(database.rows().Put({}, keys::row(format::session_row, id), encode(row)).ok());
  });
  CHECK(complaint(directory) == "the row \"s" + id + "\" differs from what the journal says");
}

TEST_CASE_METHOD(Since, "so is one that is gone, and one too many") {
  const billing::Session over = session_that_is_over();
  const bool gone = GENERATE(false, true);
  spoil([&](Database& database) {
    const std::string key = keys::at(keys::row(format::all_index), over.created_seq);
    if (gone) {
      REQUIRE(database.rows().Delete({}, key).ok());
    } else {
      REQUIRE(database.rows().Put({}, keys::expiry(7, cause('z').key), "").ok());
    }
  });
  CHECK_THAT(complaint(directory),
             Catch::Contains(gone ? "list entries, the journal says" : "belongs to nobody"));
}

TEST_CASE_METHOD(Since, "a record that does not follow from what was verified is found") {
  const billing::Session over = session_that_is_over();
  billing::Refunded more;
  more.session = over.id;
  more.version = over.version + 1;
  more.channel = over.channel;
  more.payer = {over.runs.back().subscription, over.runs.back().payment_ref};
  more.units = over.units_used + 1;
  more.doctor = over.doctor;
  more.pay = {350'000 * more.units, billing::default_currency};
  append(more);
  CHECK(complaint(directory) == "record 1501: more refunded than was charged");
}

TEST_CASE_METHOD(Since, "a history that was written anew is refused") {
  std::filesystem::rename(kept, place.inside("kept"));
  std::filesystem::remove_all(directory);
  records[1].at -= 1;
  make_directory(directory, records);
  std::filesystem::rename(place.inside("kept"), kept);
  CHECK_THAT(complaint(directory),
             Catch::Contains("the journal is another one than the last verification knows: they "
                             "differ at record 1500"));
  CHECK(verify(directory).records == records.size());
}

TEST_CASE_METHOD(Since, "bytes from before the last verification are left to one of everything") {
  const auto tables = files(directory, ".sst");
  const auto journal = std::find_if(tables.begin(), tables.end(), [&](const auto& table) {
    return table.parent_path() == directory && std::filesystem::file_size(table) > 24'000;
  });
  REQUIRE(journal != tables.end());
  go_on(2'900);
  go_on(3'000);
  verify_since_last(directory);
  std::string bytes = content(*journal);
  bytes[5'000] = static_cast<char>(bytes[5'000] ^ 1);
  overwrite(*journal, bytes);
  CHECK(verify_since_last(directory).since == 3'000);
  CHECK_THROWS_WITH(verify(directory), Catch::Contains("wrong checksum"));
}

TEST_CASE_METHOD(Since, "where what was kept cannot be used everything is verified") {
  SECTION("a table of it is damaged") {
    const auto table = files(kept, ".sst").back();
    std::string bytes = content(table);
    char& byte = bytes[bytes.size() - 100];
    byte = static_cast<char>(byte ^ 1);
    std::filesystem::remove(table);  // the rows in use have the same file
    overwrite(table, bytes);
  }
  SECTION("it is not all there") { std::filesystem::remove(kept + GENERATE("/CURRENT", "/SUMS")); }
  SECTION("a sum of it is another one") {
    const std::string sums = content(kept + "/SUMS");
    overwrite(kept + "/SUMS", "toll-verified 1 7" + sums.substr(sums.find(' ', 17)));
  }
  SECTION("it is further than the rows") {
    const std::string rows = directory + '/' + format::rows_directory;
    const std::string young = place.inside("young");
    fill(*Storage::open(by_hand(young)), {records.begin(), records.begin() + 21}, 7);
    std::filesystem::remove_all(rows);
    std::filesystem::copy(young + '/' + format::rows_directory, rows);
  }
  CHECK(verify_since_last(directory).since == 0);
}

TEST_CASE_METHOD(Since, "a verification of everything leaves the directory as it is") {
  const auto all = [&] {
    std::vector<std::pair<std::string, std::string>> found;
    for (const auto& file : files(directory)) found.emplace_back(file, content(file));
    return found;
  };
  go_on(2'000);
  const auto before = all();
  verify(directory);
  CHECK(all() == before);
}

TEST_CASE_METHOD(Since, "what cannot be kept is said, with what is verified all the same") {
  std::filesystem::create_directory(directory + '/' + format::rows_directory + "/MANIFEST-no-file");
  CHECK_THAT(complaint(directory), Catch::Contains("all of it is verified, but cannot be kept"));
}
