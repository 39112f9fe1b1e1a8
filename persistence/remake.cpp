#include "persistence/remake.hpp"

#include <filesystem>
#include <mutex>

#include "persistence/audit.hpp"
#include "persistence/directory_lock.hpp"
#include "persistence/durable_file.hpp"
#include "persistence/pipe.hpp"
#include "persistence/recovery.hpp"
#include "persistence/rocks_journal_store.hpp"
#include "persistence/storage.hpp"
#include "persistence/table_writer.hpp"
#include "persistence/wal_scan.hpp"

namespace toll::persistence {

namespace {

constexpr const char* making_directory = "/making";  ///< for files that are gone when all is there
constexpr std::size_t groups_under_way = 64;
constexpr std::uint64_t rows_between_lines = 4096;

[[noreturn]] void cannot_be_made(const std::string& what) { throw StorageError(what); }

/// What a look at all groups has found.
struct Copied {
  JournalTail tail;
  std::uint64_t groups = 0;
};

class Remake {
 public:
  Remake(const std::string& directory, const Progress& progress)
      : directory_(directory),
        making_(directory + making_directory),
        progress_(progress),
        lock_(directory, true) {}

  Copied copy(const JournalGroups& journal, const Beside& beside);
  billing::BookTotals fold(const Copied& copied);

  /// Reads everything that was made again. Nothing if something does not agree.
  std::optional<Verified> check(const Copied& copied, const billing::BookTotals& totals) const;

 private:
  void write_rows(const RowRuns& runs);

  const std::string directory_;
  const std::string making_;
  const Progress& progress_;
  const DirectoryLock lock_;
  const RowHash hash_;
  HistoryIndex index_{hash_};
  DiskFailure failure_{cannot_be_made, true};
  std::unique_ptr<Database> database_;
  RowSums sums_{};  ///< of the rows that were made
};

/// One thread reads and checks, one looks at what is in the records, and one writes.
Copied Remake::copy(const JournalGroups& journal, const Beside& beside) {
  database_ = Database::open(directory_, nullptr, OpenMode::read_write, failure_);
  make_directory(making_);
  const TablesFor to{*database_, database_->db(), database_->journal(), "writing the journal"};
  using Group = std::shared_ptr<const std::string>;
  Pipe<Group> to_write(groups_under_way), to_index(groups_under_way);
  const auto close = [&] {
    to_write.close();
    to_index.close();
  };
  const auto begin = [&](auto work) {
    return std::async(std::launch::async, [work, &close] {
      try {
        return work();
      } catch (...) {
        close();
        throw;
      }
    });
  };
  auto writing = begin([&] {
    TableWriter writer(to, making_ + "/journal");
    while (const auto group = to_write.take()) {
      writer.put(group_key(parse_group(**group)->first), **group);
    }
    return writer.finish();
  });
  auto indexing = begin([&] {
    while (const auto taken = to_index.take()) {
      const auto group = parse_group(**taken);
      if (index_.add(*group)) continue;
      cannot_be_made("a record of the group at " + std::to_string(group->first) +
                     " cannot be read");
    }
    return true;
  });
  Copied copied;
  try {
    copied.tail = check_journal(journal, {}, [&](const GroupView& view) {
      const auto group = std::make_shared<const std::string>(view.value);
      if (!to_write.put(group) || !to_index.put(group)) cannot_be_made("the copy has failed");
      ++copied.groups;
      progress_("copied", view.last(), 0);
    });
  } catch (...) {
    close();
    indexing.get();  // an error of its own, or of the other one, came first
    writing.get();
    throw;
  }
  close();
  indexing.get();
  take_in(to, writing.get());
  write_beside(beside, [&](const char* key, const std::string& value) {
    database_->put_synced(key, value);
  });
  return copied;
}

billing::BookTotals Remake::fold(const Copied& copied) {
  const RocksJournalStore journal(*database_);
  RowScan planned;
  planned.mark.applied = copied.tail.head;
  planned.mark.newest_at = index_.newest_at();
  RowRuns runs(making_);
  Audit::Made made{runs, {}};
  Audit audit{journal,  database_.get(), hash_,     index_,
              &planned, nullptr,         progress_, copied.tail.head};
  audit.made = &made;
  billing::BookTotals totals;
  try {
    totals = audit.quickly();
  } catch (const Suspicion&) {
    verify_journal(journal, progress_);  // says what is wrong
    cannot_be_made("the books of the journal do not agree");
  }
  sums_ = made.sums;
  write_rows(runs);
  database_->flush();
  failure_.raise_noted();
  database_.reset();
  std::filesystem::remove_all(making_);
  return totals;
}

/// Letters that are next to each other, the largest parts first; two threads take them in turn.
void Remake::write_rows(const RowRuns& runs) {
  struct Part {
    char first, last;
  };
  constexpr Part parts[] = {{'s', 's'}, {'o', 'r'}, {'\0', 'n'}, {'t', '\x7e'}};
  const TablesFor to{*database_, database_->rows(), database_->rows().DefaultColumnFamily(),
                     "writing rows"};
  std::mutex mutex;
  std::size_t next = 0;
  std::uint64_t rows = 0;
  std::vector<MadeTable> tables;
  const auto work = [&] {
    for (;;) {
      std::unique_lock lock(mutex);
      if (next == std::size(parts)) return;
      const Part part = parts[next++];
      TableWriter writer(to, making_ + "/rows" + std::to_string(next) + '_');
      lock.unlock();
      std::uint64_t written = 0;
      runs.each(part.first, part.last, [&](std::string_view key, std::string_view value) {
        writer.put(key, value);
        if (++written % rows_between_lines != 0) return;
        const std::lock_guard telling(mutex);
        progress_("rows written:", rows += rows_between_lines, 0);
      });
      const std::vector<MadeTable> made = writer.finish();
      lock.lock();
      tables.insert(tables.end(), made.begin(), made.end());
    }
  };
  auto other = std::async(std::launch::async, work);
  work();
  other.get();
  take_in(to, tables);
}

std::optional<Verified> Remake::check(const Copied& copied,
                                      const billing::BookTotals& totals) const {
  Verified report;
  report.torn_bytes = scan_logs(directory_, *rocksdb::Env::Default());
  DiskFailure failure(cannot_be_made, true);
  const auto database = Database::open(directory_, nullptr, OpenMode::read_only, failure);
  const RocksJournalStore journal(*database);
  progress_("checking the journal and the rows", 0, 0);
  auto checking = std::async(std::launch::async, [&] { return check_journal(journal); });
  const RowScan rows = scan_rows(database->rows(), hash_);
  const JournalTail tail = checking.get();
  if (tail.head != copied.tail.head || tail.digest != copied.tail.digest) return std::nullopt;
  if (rows.mark.applied != tail.head || rows.mark.digest != tail.digest) return std::nullopt;
  if (rows.sums != sums_ || !rows.odd.empty() || !rows.every_kept_answer_has_its_place) {
    return std::nullopt;
  }
  report.groups = copied.groups;
  report.records = tail.head;
  report.digest = tail.digest;
  report.applied = rows.mark.applied;
  report.rows = rows.rows;
  tell(totals, report);
  return report;
}

}  // namespace

Verified remake(const JournalGroups& journal, const Beside& beside, const std::string& directory,
                const Progress& progress) {
  {
    Remake remake(directory, progress);
    const Copied copied = remake.copy(journal, beside);
    const billing::BookTotals totals = remake.fold(copied);
    if (const auto verified = remake.check(copied, totals)) return *verified;
  }
  return verify(directory, progress);  // says what is wrong, if it is
}

}  // namespace toll::persistence
