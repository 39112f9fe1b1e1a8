#include "persistence/give_up.hpp"

#include <rocksdb/env.h>

#include <algorithm>
#include <filesystem>

#include "persistence/directory_lock.hpp"
#include "persistence/durable_file.hpp"
#include "persistence/format.hpp"
#include "persistence/live_journal.hpp"
#include "persistence/storage.hpp"
#include "persistence/verified_rows.hpp"
#include "persistence/witness.hpp"

namespace toll::persistence {

namespace {

/// What the witness says from now on; the next start does the rest.
Testimony other_history(const std::string& directory, billing::Seq after) {
  const LiveJournal journal(directory);
  const JournalTail tail = check_journal(journal);
  if (tail.head != after) {
    throw StorageError("the journal ends at record " + std::to_string(tail.head) +
                       ", not at record " + std::to_string(after) + ": nothing is changed");
  }
  const auto& said = journal.witness();
  if (!said || (!said->given_up && !lack(journal, said->known, "the witness"))) {
    throw StorageError("nothing is known to be missing after record " + std::to_string(after) +
                       ": nothing is changed");
  }
  return {new_journal_id(), tail, said->at, std::max(said->known.head, said->given_up.value_or(0))};
}

/// Some of them may be of records that are lost.
void remove_rows(const std::string& directory) {
  std::vector<std::filesystem::path> found;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    if (entry.path().filename().string().starts_with(format::rows_directories)) {
      found.push_back(entry.path());
    }
  }
  for (const auto& rows : found) std::filesystem::remove_all(rows);
  VerifiedRows::remove(directory);
}

}  // namespace

GivenUp give_up(const std::string& directory, billing::Seq after) {
  Testimony made;
  {
    const DirectoryLock lock(directory, false);
    made = other_history(directory, after);
    remove_rows(directory);
    replace_witness(directory, *rocksdb::Env::Default(), made);
  }
  StorageOptions options;
  options.directory = directory;
  options.threads = false;
  options.on_broken_disk = [](const std::string& what) { throw StorageError(what); };
  Storage::open(std::move(options));
  Owner::of(directory).give_all(directory);
  return {*made.given_up, made.journal};
}

}  // namespace toll::persistence
