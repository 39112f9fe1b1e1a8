#include "persistence/backup.hpp"

#include <rocksdb/env.h>

#include <filesystem>

#include "persistence/backup_files.hpp"
#include "persistence/directory_lock.hpp"
#include "persistence/durable_file.hpp"
#include "persistence/history_check.hpp"
#include "persistence/live_journal.hpp"
#include "persistence/storage.hpp"

namespace toll::persistence {

namespace fs = std::filesystem;

namespace {

/// How often the journal is opened again because files came and went meanwhile.
constexpr int most_views = 5;

/// The view cannot be made, has a gap, or ends before the backup: see LiveJournal.
struct Gap : StorageError {
  using StorageError::StorageError;
};

std::unique_ptr<LiveJournal> view(const std::string& directory, billing::Seq after) try {
  auto journal = std::make_unique<LiveJournal>(directory, after);
  journal->need_witnessed();
  return journal;
} catch (const StorageError& error) {
  throw Gap(error.what());
}

/// Takes one more group into the chain.
void follow(JournalTail& tail, billing::Seq first, std::string_view value) {
  const auto group = parse_group(value);
  if (!group || !intact(value) || group->first != first || first != tail.head + 1 ||
      group->previous != tail.digest) {
    throw Gap("the journal does not go on as it should at record " + std::to_string(first));
  }
  const bool whole = each_record(*group, first, [](billing::Record&&) { return true; });
  if (!whole) throw Gap("a record of the group at " + std::to_string(first) + " cannot be read");
  tail = {group->last(), group->digest};
}

/// The group that the backup ends with has to be in the journal.
void check_same_journal(const JournalTail& tail, std::string_view value) {
  const auto group = parse_group(value);
  if (!group || group->last() < tail.head) throw Gap("the journal ends before the backup");
  if (group->last() != tail.head || group->digest != tail.digest) {
    throw StorageError("the backup is one of another journal: they differ at record " +
                       std::to_string(tail.head));
  }
}

/// Writes what follows the backup; none if there is nothing.
std::optional<Segment> write_segment(const LiveJournal& journal, const std::string& to,
                                     JournalTail& tail) {
  Segment segment{tail.head + 1, 0, 0};
  bool begun = tail.head == 0;
  const auto add = [&](const auto& append) {
    journal.read(tail.head, [&](billing::Seq first, std::string_view value) {
      if (!begun) {
        check_same_journal(tail, value);
        begun = true;
        return true;
      }
      follow(tail, first, value);
      append(value);
      segment.bytes += value.size();
      return true;
    });
  };
  write_durably(*rocksdb::Env::Default(), to, segment.name(), add);
  if (!begun) throw Gap("the journal ends before the backup");
  segment.last = tail.head;
  if (segment.bytes == 0) {
    fs::remove(fs::path(to) / segment.name());
    return std::nullopt;
  }
  return segment;
}

/// Reads back what was written.
void check_segment(const std::string& to, const Segment& segment, JournalTail tail,
                   const JournalTail& expected) {
  BackupFiles only;
  only.segments = {segment};
  BackupJournal(to, only).read(segment.first, [&](billing::Seq first, std::string_view value) {
    follow(tail, first, value);
    return true;
  });
  if (tail.head != expected.head || tail.digest != expected.digest) {
    throw StorageError(segment.name() + " is not what was written");
  }
}

BackedUp back_up_once(const std::string& directory, const std::string& to) {
  if (const auto damage = noted_damaged_history(directory)) {
    throw StorageError("the server has found its history damaged: " + *damage);
  }
  BackupFiles files;
  if (BackupFiles::exist(to)) files = BackupFiles::load(to);
  const JournalTail before = files.tail;
  const auto journal = view(directory, before.head);
  const auto segment = write_segment(*journal, to, files.tail);
  if (segment) {
    check_segment(to, *segment, before, files.tail);
    files.segments.push_back(*segment);
  }
  files.beside = journal->beside();
  copy_tokens(directory, to);
  files.save(to);
  return {files.tail.head, files.tail.head - before.head, segment ? segment->bytes : 0,
          in_words(files.tail)};
}

/// Nothing is missing at the end of what was checked.
void check_tail(const BackupJournal& journal, const JournalTail& tail) {
  if (tail.head != journal.files().tail.head || tail.digest != journal.files().tail.digest) {
    throw StorageError("the backup ends at record " + std::to_string(tail.head) +
                       ", but BACKUP says " + std::to_string(journal.files().tail.head));
  }
}

}  // namespace

BackedUp back_up(const std::string& directory, const std::string& to) {
  if (make_directory(to)) Owner::of(directory).give(to);
  if (fs::exists(fs::path(to) / "CURRENT")) throw StorageError(to + " is a data directory");
  const DirectoryLock lock(to, true);
  Owner::of(to).give(to + "/LOCK.toll");
  for (int view = 1;; ++view) {
    try {
      return back_up_once(directory, to);
    } catch (const Gap&) {
      if (view == most_views) throw;
    }
  }
}

void need_history(const std::string& directory, const JournalTail& expected) {
  std::unique_ptr<JournalGroups> journal;
  if (BackupFiles::exist(directory)) {
    journal = std::make_unique<BackupJournal>(directory);
  } else {
    journal = std::make_unique<LiveJournal>(directory);
  }
  if (const auto lacking = lack(*journal, expected, "--expect")) throw StorageError(lacking->what);
}

Verified verify_backup(const std::string& directory, const Progress& progress) {
  const BackupJournal journal(directory);
  Verified report = verify_journal(journal, progress);
  check_tail(journal, {report.records, report.digest});
  return report;
}

std::unique_ptr<JournalGroups> open_journal(const std::string& directory) {
  if (BackupFiles::exist(directory)) {
    auto journal = std::make_unique<BackupJournal>(directory);
    check_tail(*journal, check_journal(*journal));
    return journal;
  }
  for (int view = 1;; ++view) {
    try {
      auto journal = std::make_unique<LiveJournal>(directory);
      journal->need_witnessed();
      check_journal(*journal);
      return journal;
    } catch (const StorageError&) {
      if (view == most_views) throw;
    }
  }
}

}  // namespace toll::persistence
