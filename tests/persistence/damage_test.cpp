// A damaged data directory is refused with file and offset; a torn end of the log is dropped and
// counted. Never is a wrong state believed.
#include <rocksdb/env.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <set>

#include "persistence/database.hpp"
#include "persistence/group.hpp"
#include "persistence/record.hpp"
#include "persistence/rocks_journal_store.hpp"
#include "persistence/table_checksums.hpp"
#include "persistence/verify.hpp"
#include "persistence/wal_scan.hpp"
#include "tests/persistence/harness.hpp"
#include "tests/persistence/script.hpp"
#include "tests/support/power_cut_fs.hpp"
#include "tests/support/temporary_directory.hpp"

using namespace toll;
using namespace toll::persistence;
using namespace toll::test;

namespace {

/// What is there after a start.
struct Found {
  std::size_t records = 0;
  std::uint64_t torn = 0;  ///< bytes
};

/// What opening a copy of `directory` with `bytes` in place of one file of it says, or "" if it
/// opens; what opens has a prefix of the records, and all of them unless it is asked what was
/// `kept`.
std::string refusal(const std::string& directory, const std::string& file, const std::string& bytes,
                    const std::vector<billing::Record>& records, Found* kept = nullptr) {
  const TemporaryDirectory place;
  const std::string copy = place.inside("data");
  std::filesystem::copy(directory, copy, std::filesystem::copy_options::recursive);
  overwrite(std::filesystem::path(copy) / file, bytes);
  // A quick one, because thousands are opened.
  const auto env = environment(std::make_shared<PowerCutFileSystem>());
  try {
    const auto storage = Storage::open(by_hand(copy, env.get()));
    const auto found = events(*storage);
    REQUIRE(found.size() <= records.size());
    REQUIRE(std::equal(found.begin(), found.end(), records.begin()));
    if (!kept) REQUIRE(found.size() == records.size());
    if (kept) *kept = {found.size(), storage->recovered().torn_bytes};
    return "";
  } catch (const StorageError& error) {
    return error.what();
  }
}

/// What a file is, whatever its number.
std::string kind(const std::filesystem::path& file) {
  const std::string name = file.filename();
  if (name.ends_with(".log") || name.ends_with(".sst")) return file.extension();
  return name.substr(0, name.find('-'));
}

/// Whether a file holds anything of ours, or says what does.
bool matters(const std::filesystem::path& file) {
  return std::set<std::string>{".log", ".sst", "MANIFEST", "CURRENT"}.contains(kind(file));
}

}  // namespace

TEST_CASE("every flipped byte of the log is refused, with file and offset") {
  const TemporaryDirectory place;
  const auto records = every_kind();
  make_directory(place.inside("data"), records, false);
  const auto logs = files(place.inside("data"), ".log");
  REQUIRE(logs.size() == 1);
  const std::string bytes = content(logs[0]);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::string flipped = bytes;
    flipped[i] = static_cast<char>(flipped[i] ^ (1 << i % 8));
    const std::string why = refusal(place.inside("data"), logs[0].filename(), flipped, records);
    INFO("byte " << i << ": " << why);
    REQUIRE(why.find(logs[0].filename()) != std::string::npos);
    REQUIRE(why.find("offset") != std::string::npos);
  }
}

TEST_CASE("every flipped bit of every file that matters is told before anything is opened") {
  // A start and `tollctl verify` both begin with these, so neither sees a balance of it.
  const auto refused = [](const std::string& directory) {
    try {
      for (const std::string& part : {directory, directory + '/' + format::rows_directory}) {
        scan_logs(part, *rocksdb::Env::Default());
        verify_tables(part, *rocksdb::Env::Default());
      }
      return false;
    } catch (const StorageError&) {
      return true;
    }
  };
  std::map<std::string, std::size_t> bits;
  for (const bool closed : {false, true}) {
    const TemporaryDirectory place;
    const std::string directory = place.inside("data");
    make_directory(directory, every_kind(), closed);
    REQUIRE(!refused(directory));
    for (const auto& file : files(directory)) {
      if (!matters(file)) continue;
      const std::string bytes = content(file);
      for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
        std::string flipped = bytes;
        flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
        overwrite(file, flipped);
        INFO(file << " bit " << bit);
        REQUIRE(refused(directory));
        ++bits[kind(file)];
      }
      overwrite(file, bytes);
    }
  }
  std::string counted;
  for (const auto& [kind, count] : bits) counted += ' ' + kind + ' ' + std::to_string(count);
  WARN("bits flipped, each refused:" << counted);
  CHECK(bits.size() == 4);
  CHECK(bits[".log"] > 20'000);
  CHECK(bits[".sst"] > 50'000);
}

TEST_CASE("what is in the other files changes nothing, whatever it is") {
  for (const bool closed : {false, true}) {
    const TemporaryDirectory place;
    const std::string directory = place.inside("data");
    const auto records = every_kind();
    make_directory(directory, records, closed);
    std::set<std::string> others;
    for (const auto& file : files(directory)) {
      if (matters(file) || file.filename() == "witness") continue;
      others.insert(kind(file));
      overwrite(file, "nonsense");
    }
    CHECK(others == std::set<std::string>{"IDENTITY", "OPTIONS"});
    if (closed) CHECK(verify(directory).records == records.size());
    CHECK(events(*Storage::open(by_hand(directory))) == records);
    CHECK(verify(directory).records == records.size());
  }
}

TEST_CASE("every flipped bit of a group is told by its checksum or its place") {
  GroupBuilder builder(7, {});
  std::string body;
  encode_record(body, 1'000, every_kind()[1].fact);
  builder.add(body);
  builder.seal({});
  for (std::size_t bit = 0; bit < builder.value.size() * 8; ++bit) {
    std::string flipped = builder.value;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    INFO("bit " << bit);
    REQUIRE((!parse_group(flipped) || !intact(flipped)));
  }
}

TEST_CASE("every flipped byte of a table is refused, with file and offset") {
  const TemporaryDirectory place;
  const auto records = every_kind();
  make_directory(place.inside("data"), records);
  const auto tables = files(place.inside("data"), ".sst");
  REQUIRE(tables.size() >= 2);
  for (const auto& table : tables) {
    const std::string bytes = content(table);
    const auto name = std::filesystem::relative(table, place.inside("data"));
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      std::string flipped = bytes;
      flipped[i] = static_cast<char>(flipped[i] ^ (1 << i % 8));
      const std::string why = refusal(place.inside("data"), name, flipped, records);
      INFO(table << " byte " << i << ": " << why);
      REQUIRE(why.find(table.filename()) != std::string::npos);
      REQUIRE(why.find("at offset " + std::to_string(i / 4096 * 4096)) != std::string::npos);
    }
  }
}

TEST_CASE("a missing table is refused, with its number") {
  const TemporaryDirectory place;
  make_directory(place.inside("data"), every_kind());
  for (const auto& table : files(place.inside("data"), ".sst")) {
    const std::string copy = place.inside("copy");
    std::filesystem::copy(place.inside("data"), copy, std::filesystem::copy_options::recursive);
    std::filesystem::remove(copy / std::filesystem::relative(table, place.inside("data")));
    CHECK_THROWS_WITH(verify(copy), Catch::Contains(table.stem()));
    CHECK_THROWS_WITH(Storage::open(by_hand(copy)), Catch::Contains(table.stem()));
    std::filesystem::remove_all(copy);
  }
}

TEST_CASE("every flipped bit of the manifests, and of what names them, is refused") {
  const TemporaryDirectory place;
  const auto records = every_kind();
  make_directory(place.inside("data"), records);
  std::map<std::string, int> seen;
  for (const auto& file : files(place.inside("data"))) {
    const bool manifest = kind(file) == "MANIFEST";
    if (!manifest && kind(file) != "CURRENT") continue;
    ++seen[kind(file)];
    const std::string name = std::filesystem::relative(file, place.inside("data"));
    const std::string bytes = content(file);
    for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
      std::string flipped = bytes;
      flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
      const std::string why = refusal(place.inside("data"), name, flipped, records);
      INFO(name << " bit " << bit << ": " << why);
      REQUIRE(!why.empty());
      if (manifest) REQUIRE(why.find(name) != std::string::npos);
    }
  }
  CHECK(seen == std::map<std::string, int>{{"CURRENT", 2}, {"MANIFEST", 2}});
}

TEST_CASE("a log torn at any byte of any group has the groups before it, and says what was torn") {
  const TemporaryDirectory place;
  const std::string directory = place.inside("data");
  const auto records = every_kind();
  std::vector<std::uintmax_t> ends;  // of the group of each record, which was acknowledged then
  const auto storage = Storage::open(by_hand(place.inside("running")));
  const auto log = files(place.inside("running"), ".log").at(0);
  for (const auto& record : records) {
    fill(*storage, {record});
    ends.push_back(std::filesystem::file_size(log));
  }
  std::filesystem::copy(place.inside("running"), directory,
                        std::filesystem::copy_options::recursive);
  const std::string bytes = content(log);
  REQUIRE(bytes.size() == ends.back());
  std::uint64_t before = 0;
  for (std::size_t size = 0; size <= bytes.size(); ++size) {
    Found kept;
    const std::string why =
        refusal(directory, log.filename(), bytes.substr(0, size), records, &kept);
    INFO("cut at " << size << ": " << why);
    REQUIRE(why.empty());
    REQUIRE(kept.records == static_cast<std::size_t>(std::ranges::count_if(
                                ends, [&](auto end) { return end <= size; })));
    // Torn bytes grow with a record until it ends, and begin again with the next one.
    REQUIRE((size == 0 || kept.torn == before + 1 || kept.torn == 0));
    before = kept.torn;
  }
  WARN("torn at each of " << bytes.size() << " bytes of " << ends.size() << " groups");
}

TEST_CASE("a log that ends in zeros that were never written is torn there") {
  const TemporaryDirectory place;
  const auto records = every_kind();
  make_directory(place.inside("data"), records, false);
  const auto logs = files(place.inside("data"), ".log");
  Found kept;
  const std::string zeros(5000, '\0');
  CHECK(refusal(place.inside("data"), logs[0].filename(), content(logs[0]) + zeros, records,
                &kept) == "");
  CHECK(kept.torn == zeros.size());
  CHECK(kept.records == records.size());
}

TEST_CASE("rows beyond the journal are refused") {
  const TemporaryDirectory place;
  const std::string directory = place.inside("data");
  make_directory(directory, every_kind());
  {
    DiskFailure failure([](const std::string& what) { throw BrokenDisk{what}; }, true);
    const auto database = Database::open(directory, nullptr, OpenMode::read_write, failure);
    const RocksJournalStore store(*database);
    const std::string last = group_key(store.last_group());
    REQUIRE(database->db().Delete({}, database->journal(), last).ok());
  }
  const std::string why = "the rows are at record 36 but the journal ends at record 35";
  CHECK_THROWS_WITH(Storage::open(by_hand(directory)), Catch::Contains(why));
  CHECK_THROWS_AS(verify(directory), StorageError);
}

TEST_CASE("a directory in use is refused with its name") {
  const TemporaryDirectory place;
  const auto storage = Storage::open(by_hand(place.inside("data")));
  const std::string why =
      "data directory " + place.inside("data") + " is in use by another process";
  CHECK_THROWS_WITH(Storage::open(by_hand(place.inside("data"))), why);
  CHECK_THROWS_WITH(verify(place.inside("data")), why);
}

TEST_CASE("a directory that cannot be made is refused") {
  const TemporaryDirectory place;
  overwrite(place.inside("file"), "");
  CHECK_THROWS_AS(Storage::open(by_hand(place.inside("file/data"))), StorageError);
}
