#include "persistence/restore.hpp"

#include <fcntl.h>
#include <rocksdb/env.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "persistence/backup_files.hpp"
#include "persistence/directory_lock.hpp"
#include "persistence/durable_file.hpp"
#include "persistence/live_journal.hpp"
#include "persistence/remake.hpp"
#include "persistence/storage.hpp"
#include "persistence/witness.hpp"

namespace toll::persistence {

namespace fs = std::filesystem;

namespace {

[[noreturn]] void broken(const std::string& what) { throw StorageError(what); }

/// Without a slash at its end, so that names can be made from it.
std::string plain(const std::string& directory) {
  const std::string whole = fs::absolute(directory).lexically_normal();
  return whole.ends_with('/') ? whole.substr(0, whole.size() - 1) : whole;
}

/// All of it or nothing, unless the process is ended.
Verified make(const JournalGroups& journal, const Beside& beside, const std::string& tokens_of,
              const std::string& history_id, const std::string& directory,
              const Progress& progress) {
  if (fs::exists(directory)) {
    broken(directory + " is there already, perhaps of a run that was cut short: remove it first");
  }
  try {
    make_directory(directory);
    const Verified report = remake(journal, beside, directory, progress);
    replace_witness(
        directory, *rocksdb::Env::Default(),
        {history_id, {report.records, report.digest}, beside.sign_of_life.value_or(0), {}});
    if (!tokens_of.empty()) copy_tokens(tokens_of, directory);
    return report;
  } catch (...) {
    fs::remove_all(directory);
    throw;
  }
}

void sync_parent(const std::string& directory) {
  sync_directory(*rocksdb::Env::Default(), fs::path(directory).parent_path());
}

/// What was made takes the place of an empty directory, with its owner and its mode.
void take_place(const std::string& made, const std::string& directory, const std::string& source) {
  if (fs::exists(directory)) {
    Owner::of(directory).give_all(made);
    fs::permissions(made, fs::status(directory).permissions());
  } else {
    Owner::of(source).give_all(made);
  }
  fs::rename(made, directory);
  sync_parent(directory);
}

}  // namespace

Verified restore(const std::string& backup, const std::string& data, bool with_tokens,
                 const Progress& progress) {
  const std::string directory = plain(data);
  if (fs::exists(directory) && !fs::is_empty(directory)) {
    broken(directory + " is not empty: restore to a new directory");
  }
  const BackupJournal journal(backup);
  const std::string made = directory + ".new";
  const Verified report = make(journal, journal.files().beside, with_tokens ? backup : "",
                               new_journal_id(), made, progress);
  if (report.records != journal.files().tail.head) {
    fs::remove_all(made);
    broken("the backup has " + std::to_string(report.records) + " records, but BACKUP says " +
           std::to_string(journal.files().tail.head));
  }
  take_place(made, directory, backup);
  return report;
}

Verified rebuild(const std::string& data, const Progress& progress) {
  const std::string directory = plain(data);
  const std::string made = directory + ".new";
  const std::string old = directory + ".old";
  if (fs::exists(old)) broken(old + " is there already, of an earlier rebuild: move it away first");
  const DirectoryLock lock(directory, false);
  const LiveJournal journal(directory);
  journal.need_witnessed();
  const Verified report =
      make(journal, journal.beside(), directory,
           journal.witness() ? journal.witness()->journal : new_journal_id(), made, progress);
  Owner::of(directory).give_all(made);
  if (::renameat2(AT_FDCWD, made.c_str(), AT_FDCWD, directory.c_str(), RENAME_EXCHANGE) != 0) {
    broken(directory + " cannot be replaced: " + std::strerror(errno));
  }
  fs::rename(made, old);
  sync_parent(directory);
  return report;
}

}  // namespace toll::persistence
