// A directory that is made from a journal alone shows what the server's own rows show, in whatever
// runs and passes it was made.
#include <catch2/catch.hpp>
#include <map>

#include "persistence/audit.hpp"
#include "persistence/backup.hpp"
#include "persistence/compare_rows.hpp"
#include "persistence/keys.hpp"
#include "persistence/recovery.hpp"
#include "persistence/restore.hpp"
#include "persistence/rocks_journal_store.hpp"
#include "tests/persistence/harness.hpp"
#include "tests/persistence/script.hpp"
#include "tests/support/temporary_directory.hpp"

using namespace toll;
using namespace toll::persistence;
using namespace toll::test;
namespace fs = std::filesystem;

namespace {

using Lines = std::map<std::string, std::string>;

/// Rows as they are read: which places are in a row and which in a posting is the writer's choice.
class RowsRead {
 public:
  void add(std::string_view key, std::string_view value) {
    const char letter = key.front();
    if (letter == format::session_row) return owner<billing::Session>(key, value, 't');
    if (letter == format::doctor_row) return owner<billing::Doctor>(key, value, 'e');
    if (letter == format::statement_posting || letter == format::entry_posting) {
      Places posting;
      REQUIRE(posting.read(value));
      postings_[letter + std::string(key.substr(3, key.size() - 11))].add(posting);
      ++postings;
      return;
    }
    lines_[std::string(key)] = value;
  }
  Lines lines() const {
    Lines all = lines_;
    for (const auto& [owner, newest] : newest_) {
      const auto found = postings_.find(owner);
      Places places = found == postings_.end() ? Places() : found->second;
      places.add(newest);
      all["places " + owner] = places.bytes();
    }
    return all;
  }
  std::size_t postings = 0;

 private:
  template <class Entity>
  void owner(std::string_view key, std::string_view value, char list) {
    Row<Entity> row;
    REQUIRE(decode(value, row));
    lines_[std::string(key)] = encode(row.entity);
    newest_[list + row.entity.id] = row.newest;
  }

  Lines lines_;
  std::map<std::string, Places> postings_, newest_;
};

[[noreturn]] void broken_disk(const std::string& what) { throw BrokenDisk{what}; }

RowsRead rows_in(const std::string& directory) {
  DiskFailure failure(broken_disk, true);
  const auto database = Database::open(directory, nullptr, OpenMode::read_only, failure);
  const std::unique_ptr<rocksdb::Iterator> rows(database->rows().NewIterator({}));
  RowsRead read;
  for (rows->SeekToFirst(); rows->Valid(); rows->Next()) {
    read.add(rows->key().ToStringView(), rows->value().ToStringView());
  }
  return read;
}

/// Compares each row with the fold of these records.
void check_rows(const std::string& directory, const std::vector<billing::Record>& records) {
  DiskFailure failure(broken_disk, true);
  const auto database = Database::open(directory, nullptr, OpenMode::read_only, failure);
  Folded folded;
  for (const billing::Record& record : records) folded.add(record);
  folded.mark.digest = mark_of(database->rows())->digest;
  compare_rows(*database, folded);
}

/// The rows that a fold of the journal of a directory makes, with so much memory.
struct Made {
  Lines lines;
  RowSums sums{};
  std::size_t runs = 0;
};

Made make(const std::string& directory, std::size_t pass_bytes, std::size_t run_bytes) {
  const TemporaryDirectory place;
  DiskFailure failure(broken_disk, true);
  const auto database = Database::open(directory, nullptr, OpenMode::read_only, failure);
  const RocksJournalStore journal(*database);
  const RowHash hash(1);
  HistoryIndex index(hash);
  RowScan planned;
  planned.mark.applied =
      check_journal(journal, {}, [&](const GroupView& group) { REQUIRE(index.add(group)); }).head;
  planned.mark.newest_at = index.newest_at();
  const std::string folder = place.inside("runs");
  fs::create_directory(folder);
  RowRuns runs(folder, run_bytes);
  Audit::Made made{runs, {}};
  Audit audit{journal, nullptr, hash, index, &planned, nullptr, in_silence, planned.mark.applied};
  audit.most_bytes = pass_bytes;
  audit.made = &made;
  audit.quickly();
  RowsRead read;
  std::string last;
  runs.each('\0', '~', [&](std::string_view key, std::string_view value) {
    CHECK(last < key);
    last = key;
    read.add(key, value);
  });
  return {read.lines(), made.sums, files(folder).size()};
}

struct Lived {
  TemporaryDirectory place;
  std::string directory = place.inside("data");
  std::vector<billing::Record> records;
  explicit Lived(std::vector<billing::Record> all) : records(std::move(all)) {
    fill(*Storage::open(by_hand(directory)), records, 7);
  }
};

}  // namespace

TEST_CASE("a directory that is restored or rebuilt has the rows that the server had") {
  const unsigned seed = GENERATE(0u, 21u, 22u);
  CAPTURE(seed);
  const Lived lived(seed == 0 ? every_kind() : random_clinic(seed, 6'000));
  const RowsRead before = rows_in(lived.directory);
  CHECK((seed == 0 || before.postings > 0));
  const std::string backup = lived.place.inside("backup");
  const std::string restored = lived.place.inside("restored");
  back_up(lived.directory, backup);
  const Verified report = restore(backup, restored);
  CHECK(report.records == lived.records.size());
  CHECK(rows_in(restored).lines() == before.lines());
  check_rows(restored, lived.records);
  CHECK(rebuild(lived.directory).digest == report.digest);
  CHECK(rows_in(lived.directory).lines() == before.lines());
  check_rows(lived.directory, lived.records);
  for (const std::string& made : {restored, lived.directory}) {
    const Verified again = verify(made);
    CHECK(again.rows == report.rows);
    CHECK(again.groups == report.groups);
    CHECK(again.earned == report.earned);
    CHECK_FALSE(fs::exists(made + "/making"));
  }
}

TEST_CASE("a directory without a record is made again, and goes on") {
  const TemporaryDirectory place;
  const std::string directory = place.inside("data");
  Storage::open(by_hand(directory));
  CHECK(rebuild(directory).records == 0);
  const auto records = every_kind();
  fill(*Storage::open(by_hand(directory)), records, 7);
  CHECK(verify(directory).records == records.size());
}

TEST_CASE("a directory that was made again goes on as the server's own") {
  const auto records = random_clinic(23, 4'000);
  const Lived lived({records.begin(), records.begin() + 2'000});
  rebuild(lived.directory);
  fill(*Storage::open(by_hand(lived.directory)), {records.begin() + 2'000, records.end()}, 7);
  check_rows(lived.directory, records);
  CHECK(verify(lived.directory).records == records.size());
}

TEST_CASE("rows are the same in whatever runs and passes they are made") {
  const Lived lived(random_clinic(24, 3'000));
  const Lines expected = rows_in(lived.directory).lines();
  const Made at_once = make(lived.directory, 64u << 20, 64u << 20);
  CHECK(at_once.lines == expected);
  CHECK(at_once.runs == 1);
  const Made in_runs = make(lived.directory, 64u << 20, 10'000);
  CHECK(in_runs.lines == expected);
  CHECK(in_runs.runs > 5);
  const Made in_passes = make(lived.directory, 30'000, 10'000);
  CHECK(in_passes.lines == expected);
  CHECK(in_passes.runs > in_runs.runs);
  CHECK(in_passes.sums == at_once.sums);
}

TEST_CASE("of rows with the same key the last one counts, and what is dropped is gone") {
  const TemporaryDirectory place;
  const std::string folder = place.inside("runs");
  fs::create_directory(folder);
  RowRuns runs(folder, 100);
  const auto put = [&](int from, int to, const std::string& value) {
    for (int i = from; i < to; ++i) runs.put("a key that is long " + std::to_string(i), value);
  };
  put(10, 60, "first");
  put(20, 30, "second");
  put(20, 21, "third");
  runs.keep();
  put(10, 99, "dropped");
  runs.drop();
  runs.put("z", "last");
  runs.keep();
  Lines found;
  runs.each('a', 'b', [&](std::string_view key, std::string_view value) {
    CHECK(found.emplace(key, value).second);
  });
  CHECK(found.size() == 50);
  CHECK(found["a key that is long 10"] == "first");
  CHECK(found["a key that is long 20"] == "third");
  CHECK(found["a key that is long 29"] == "second");
  CHECK(found["a key that is long 59"] == "first");
  runs.each('b', '~', [&](std::string_view key, std::string_view) { CHECK(key == "z"); });
}
