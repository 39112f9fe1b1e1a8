// What the witness knows of a journal, and what a start says to a log that has less.
#include "persistence/witness.hpp"

#include <rocksdb/env.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <map>

#include "persistence/backup.hpp"
#include "persistence/give_up.hpp"
#include "persistence/restore.hpp"
#include "persistence/verify.hpp"
#include "tests/persistence/harness.hpp"
#include "tests/persistence/script.hpp"
#include "tests/support/temporary_directory.hpp"

using namespace toll;
using namespace toll::persistence;
using namespace toll::test;
namespace fs = std::filesystem;

namespace {

constexpr auto copied = fs::copy_options::recursive;

/// A directory as a server leaves it that is killed after a sign of life, all of it in the log; its
/// last record was not witnessed.
struct Killed {
  const TemporaryDirectory place;
  const std::string directory = place.inside("data");
  const std::vector<billing::Record> records = every_kind();
  const billing::Seq witnessed = records.size() - 1;

  Killed() {
    const std::string elsewhere = place.inside("elsewhere");
    const auto storage = Storage::open(by_hand(elsewhere));
    const std::vector<billing::Record> all_but_last(records.begin(), records.end() - 1);
    fill(*storage, all_but_last);
    storage->record_sign_of_life(all_but_last.back().at);
    fill(*storage, {records.back()});
    fs::copy(elsewhere, directory, copied);
  }

  std::string log() const { return files(directory, ".log").at(0); }
};

std::map<std::string, std::string> contents(const std::string& directory) {
  std::map<std::string, std::string> found;
  for (const auto& entry : fs::recursive_directory_iterator(directory)) {
    if (entry.is_regular_file()) found[entry.path()] = content(entry.path());
  }
  return found;
}

template <class Act>
std::string refusal(Act act) {
  try {
    act();
  } catch (const StorageError& error) {
    return error.what();
  }
  return "";
}

/// A start and all that read the directory refuse, name both numbers, and change nothing.
void check_refused(const std::string& directory, billing::Seq found, billing::Seq known) {
  fs::remove(directory + "/LOCK.toll");  // the only thing that a start with its locks makes
  std::ofstream(directory + "/LOCK.toll").close();
  const auto before = contents(directory);
  const TemporaryDirectory place;
  for (const std::string& said :
       {refusal([&] { Storage::open(by_hand(directory)); }), refusal([&] { verify(directory); }),
        refusal([&] { back_up(directory, place.inside("backup")); }),
        refusal([&] { open_journal(directory); }), refusal([&] { rebuild(directory); })}) {
    INFO(said);
    CHECK(said.find("ends at record " + std::to_string(found) + ',') != said.npos);
    CHECK(said.find("knows record " + std::to_string(known) + ':') != said.npos);
    CHECK(said.find("--after " + std::to_string(found)) != said.npos);
  }
  CHECK(contents(directory) == before);
}

}  // namespace

TEST_CASE("a log that was removed, emptied or cut off is refused, and may be put back") {
  const Killed killed;
  const std::string log = killed.log();
  const std::string whole = content(log);
  SECTION("removed") {
    fs::remove(log);
    check_refused(killed.directory, 0, killed.witnessed);
  }
  SECTION("emptied") {
    overwrite(log, "");
    check_refused(killed.directory, 0, killed.witnessed);
  }
  SECTION("an older copy") {
    const std::string older = killed.place.inside("older");
    const auto storage = Storage::open(by_hand(older));
    fill(*storage, {killed.records.begin(), killed.records.begin() + 7});
    overwrite(log, content(files(older, ".log").at(0)));
    check_refused(killed.directory, 7, killed.witnessed);
  }
  overwrite(log, whole);
  const auto storage = Storage::open(by_hand(killed.directory));
  CHECK(events(*storage) == killed.records);
}

TEST_CASE("one of two logs that is missing is refused, and may be put back") {
  const Killed killed;
  const std::string whole = content(killed.log());
  std::size_t middle =
      0;  // behind a fragment: 7 bytes, the length of the rest in the fifth and sixth
  while (middle < whole.size() / 2) {
    middle += 7 + static_cast<std::uint8_t>(whole[middle + 4]) +
              256u * static_cast<std::uint8_t>(whole[middle + 5]);
  }
  overwrite(killed.log(), whole.substr(0, middle));
  overwrite(killed.directory + "/900000.log", whole.substr(middle));
  const std::string first = killed.log();
  const std::string kept = content(first);
  fs::remove(first);
  const auto before = contents(killed.directory);
  const std::string said = refusal([&] { Storage::open(by_hand(killed.directory)); });
  INFO(said);
  CHECK(said.find("records before it miss") != said.npos);
  fs::remove(killed.directory + "/LOCK.toll");
  std::ofstream(killed.directory + "/LOCK.toll").close();
  CHECK(contents(killed.directory) == before);
  overwrite(first, kept);
  CHECK(events(*Storage::open(by_hand(killed.directory))) == killed.records);
}

TEST_CASE("what the witness does not know yet may be torn") {
  const Killed killed;
  fs::resize_file(killed.log(), fs::file_size(killed.log()) - 1);
  const auto storage = Storage::open(by_hand(killed.directory));
  CHECK(storage->recovered().head == killed.witnessed);
  CHECK(storage->recovered().torn_bytes > 0);
}

TEST_CASE("without CURRENT nothing is begun anew over what is there") {
  const Killed killed;
  const std::string current = content(killed.directory + "/CURRENT");
  for (const bool witness : {true, false}) {
    fs::remove(killed.directory + "/CURRENT");
    if (!witness) fs::remove(killed.directory + "/witness");
    const auto before = contents(killed.directory);
    CHECK(refusal([&] { Storage::open(by_hand(killed.directory)); }).find("CURRENT") !=
          std::string::npos);
    CHECK(contents(killed.directory) == before);
    overwrite(killed.directory + "/CURRENT", current);
  }
  CHECK(events(*Storage::open(by_hand(killed.directory))) == killed.records);
}

TEST_CASE("a journal with another history is refused") {
  const Killed killed;
  const std::string other = killed.place.inside("other");
  make_directory(other, random_clinic(7, killed.records.size() + 5), false);
  fs::copy_file(killed.directory + "/witness", other + "/witness",
                fs::copy_options::overwrite_existing);
  const std::string said = refusal([&] { Storage::open(by_hand(other)); });
  INFO(said);
  CHECK(said.find("differ at record " + std::to_string(killed.witnessed)) != said.npos);
}

TEST_CASE("a place of the witness that is torn leaves the other one") {
  const Killed killed;
  {
    const auto storage = Storage::open(by_hand(killed.directory));
    storage->record_sign_of_life(killed.records.back().at);
  }
  const std::string file = killed.directory + "/witness";
  rocksdb::Env& env = *rocksdb::Env::Default();
  const std::string whole = content(file);
  REQUIRE(whole.size() == 8192);
  const auto newest = read_witness(killed.directory, env)->known.head;
  CHECK(newest == killed.records.size());
  for (const std::size_t place : {0u, 4096u}) {
    std::string torn = whole;
    torn.replace(place, 100, std::string(100, 'x'));
    overwrite(file, torn);
    const auto left = read_witness(killed.directory, env)->known.head;
    CHECK((left == newest || left == killed.witnessed));
    // The next one is written where the torn one is.
    {
      const auto storage = Storage::open(by_hand(killed.directory));
      storage->record_sign_of_life(killed.records.back().at);
    }
    std::string other = content(file);
    other.replace(4096 - place, 100, std::string(100, 'x'));
    overwrite(file, other);
    if (left != newest) CHECK(read_witness(killed.directory, env)->known.head == newest);
  }
  overwrite(file, std::string(8192, 'x'));
  CHECK(refusal([&] { Storage::open(by_hand(killed.directory)); }).find("witness is damaged") !=
        std::string::npos);
  overwrite(file, "");
  CHECK(refusal([&] { verify(killed.directory); }).find("witness is damaged") != std::string::npos);
  // As in a directory of an earlier version.
  fs::remove(file);
  CHECK(Storage::open(by_hand(killed.directory))->recovered().head == killed.records.size());
  CHECK(read_witness(killed.directory, env)->known.head == killed.records.size());
}

TEST_CASE("a witness that is removed under the server is there again") {
  const Killed killed;
  const auto storage = Storage::open(by_hand(killed.directory));
  storage->journal().append(killed.records.back().at, billing::Ready{});
  storage->flush();
  fs::remove(killed.directory + "/witness");
  storage->record_sign_of_life(killed.records.back().at);
  const auto said = read_witness(killed.directory, *rocksdb::Env::Default());
  REQUIRE(said);
  CHECK(said->known.head == killed.records.size() + 1);
  CHECK(said->journal == storage->recovered().journal);
}

TEST_CASE("what is lost is given up by name, on record, as another history") {
  const Killed killed;
  const std::string log = killed.log();
  const std::string older = killed.place.inside("older");
  {
    const auto storage = Storage::open(by_hand(older));
    fill(*storage, {killed.records.begin(), killed.records.begin() + 7});
    overwrite(log, content(files(older, ".log").at(0)));
  }
  const auto before = contents(killed.directory);
  const std::string id = read_witness(killed.directory, *rocksdb::Env::Default())->journal;
  for (const billing::Seq wrong : {billing::Seq{0}, billing::Seq{6}, killed.witnessed}) {
    CHECK(refusal([&] { give_up(killed.directory, wrong); }).find("ends at record 7") !=
          std::string::npos);
  }
  CHECK(contents(killed.directory) == before);
  fs::create_directory(killed.directory + '/' + format::verified_rows_directory);
  const GivenUp done = give_up(killed.directory, 7);
  CHECK(!fs::exists(killed.directory + '/' + format::verified_rows_directory));
  CHECK(done.lost_to == killed.witnessed);
  CHECK(done.journal != id);
  CHECK(verify(killed.directory).records == 8);
  {
    const auto storage = Storage::open(by_hand(killed.directory));
    CHECK(storage->recovered().journal == done.journal);
    // The sign of life was lost with the log: the outage begins when the server was last alive.
    CHECK(storage->recovered().sign_of_life == killed.records[killed.witnessed - 1].at);
    const auto found = events(*storage);
    REQUIRE(found.size() == 8);
    CHECK(found.back().fact == billing::Fact(billing::HistoryGivenUp{7, killed.witnessed}));
    CHECK(found.back().at >= killed.records[killed.witnessed - 1].at);
  }
  CHECK(refusal([&] { give_up(killed.directory, 8); }).find("nothing is known to be missing") !=
        std::string::npos);
}

TEST_CASE("giving up that was cut short is done by the next start") {
  const Killed killed;
  rocksdb::Env& env = *rocksdb::Env::Default();
  fs::remove(killed.log());
  for (const auto& entry : fs::directory_iterator(killed.directory)) {
    if (entry.path().filename().string().starts_with("rows.")) fs::remove_all(entry.path());
  }
  replace_witness(killed.directory, env, {new_journal_id(), {}, 77, killed.witnessed});
  for (int start = 1; start <= 2; ++start) {
    const auto storage = Storage::open(by_hand(killed.directory));
    const auto found = events(*storage);
    REQUIRE(found.size() == 1);
    CHECK(found[0].fact == billing::Fact(billing::HistoryGivenUp{0, killed.witnessed}));
    CHECK(storage->recovered().sign_of_life == 77);
  }
}

TEST_CASE("a restored directory is another history, a rebuilt one is not") {
  const Killed killed;
  rocksdb::Env& env = *rocksdb::Env::Default();
  const std::string backup = killed.place.inside("backup");
  const std::string restored = killed.place.inside("restored");
  back_up(killed.directory, backup);
  restore(backup, restored);
  const auto id = [&](const std::string& directory) {
    return read_witness(directory, env)->journal;
  };
  const std::string before = id(killed.directory);
  CHECK(id(restored) != before);
  CHECK(read_witness(restored, env)->known.head == killed.records.size());
  rebuild(killed.directory);
  CHECK(id(killed.directory) == before);
  CHECK(read_witness(killed.directory, env)->known.head == killed.records.size());
}
