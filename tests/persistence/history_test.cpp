// A start reads what it goes on from; what is older is checked while it runs, and damage there is
// no end.
#include <catch2/catch.hpp>
#include <future>

#include "persistence/backup.hpp"
#include "persistence/format.hpp"
#include "persistence/history_check.hpp"
#include "persistence/verify.hpp"
#include "tests/persistence/harness.hpp"
#include "tests/persistence/script.hpp"
#include "tests/support/temporary_directory.hpp"

using namespace toll;
using namespace toll::persistence;
using namespace toll::test;

namespace {

/// A directory whose journal is in three tables, each of more than is looked at before it is
/// opened.
struct LongHistory {
  TemporaryDirectory place;
  std::string directory = place.inside("data");
  const std::vector<billing::Record> records = random_clinic(7, 12'000);
  std::vector<std::filesystem::path> tables;  ///< oldest first

  LongHistory() {
    for (std::size_t i = 0; i < 3; ++i) {
      const auto begin = records.begin() + static_cast<std::ptrdiff_t>(4'000 * i);
      fill(*Storage::open(by_hand(directory)), {begin, begin + 4'000}, 1'000);
    }
    for (const auto& file : files(directory, ".sst")) {
      if (file.parent_path() == directory && std::filesystem::file_size(file) > 32'768) {
        tables.push_back(file);
      }
    }
    REQUIRE(tables.size() == 3);
  }

  static void flip(const std::filesystem::path& file, std::size_t place) {
    std::string bytes = content(file);
    bytes[place] = static_cast<char>(bytes[place] ^ 1);
    overwrite(file, bytes);
  }
};

std::string told(const std::filesystem::path& table, std::size_t offset) {
  return table.filename().string() + " is damaged: wrong checksum of the 4096 bytes at offset " +
         std::to_string(offset);
}

/// A server's storage, and what its history thread says.
struct Running {
  std::vector<std::string> damage;
  std::promise<HistoryState> checked;
  std::unique_ptr<Storage> storage;

  explicit Running(const std::string& directory) {
    StorageOptions options = by_hand(directory);
    options.threads = true;
    options.on_damaged_history = [this](const std::string& what) { damage.push_back(what); };
    options.on_history_checked = [this](const HistoryState& state) { checked.set_value(state); };
    storage = Storage::open(std::move(options));
  }
};

}  // namespace

TEST_CASE_METHOD(LongHistory, "a start leaves old tables for later, and they are checked then") {
  std::uint64_t bytes = 0;
  for (const auto& file : files(directory, ".sst")) bytes += std::filesystem::file_size(file);
  const std::uint64_t old =
      std::filesystem::file_size(tables[0]) + std::filesystem::file_size(tables[1]);
  note_damaged_history(directory, "as was found before");
  Running running(directory);
  CHECK(running.storage->recovered().records_replayed == 0);
  CHECK(running.storage->recovered().bytes_checked == bytes - old);
  const HistoryState state = running.checked.get_future().get();
  CHECK(state.tables_left == 0);
  CHECK(state.bytes_left == 0);
  CHECK(state.tables_damaged == 0);
  CHECK(running.damage.empty());
  CHECK(!noted_damaged_history(directory));
}

TEST_CASE_METHOD(LongHistory, "damage in an old table is told while it runs, and stops a backup") {
  flip(tables[0], 5'000);
  Running running(directory);
  CHECK(running.checked.get_future().get().tables_damaged == 1);
  REQUIRE(running.damage.size() == 1);
  const auto where = Catch::Contains(told(tables[0], 4096));
  CHECK_THAT(running.damage[0], where);
  CHECK_THROWS_WITH(back_up(directory, place.inside("backup")), where);

  std::promise<bool> damaged;
  running.storage->read(0, [&](const Rows& rows) {
    try {
      damaged.set_value(rows.events(0, 5).empty());
    } catch (const DamagedHistory&) {
      damaged.set_value(true);
    }
  });
  CHECK(damaged.get_future().get());

  const billing::Seq seq = running.storage->journal().append(5, billing::Ready{});
  running.storage->flush();
  CHECK(running.storage->journal().durable() == seq);
}

TEST_CASE_METHOD(LongHistory, "damage in what a start goes on from is refused") {
  const bool newest = GENERATE(false, true);
  INFO((newest ? "the newest table" : "the end of the oldest, which is read when it is opened"));
  const auto& table = tables[newest ? 2 : 0];
  const std::size_t place = newest ? 5'000 : std::filesystem::file_size(table) - 3'000;
  flip(table, place);
  const auto where = Catch::Contains(told(table, place / 4096 * 4096));
  CHECK_THROWS_WITH(Running(directory), where);
  CHECK_THROWS_WITH(verify(directory), where);
}

TEST_CASE_METHOD(LongHistory, "where rows are made again, all of the journal is checked first") {
  std::filesystem::remove_all(directory + '/' + format::rows_directory);
  flip(tables[0], 5'000);
  CHECK_THROWS_WITH(Running(directory), Catch::Contains(tables[0].filename()));
}
