#include "persistence/verify.hpp"

#include <rocksdb/env.h>

#include <future>

#include "persistence/audit.hpp"
#include "persistence/compare_rows.hpp"
#include "persistence/directory_lock.hpp"
#include "persistence/group.hpp"
#include "persistence/recovery.hpp"
#include "persistence/rocks_journal_store.hpp"
#include "persistence/storage.hpp"
#include "persistence/wal_scan.hpp"

namespace toll::persistence {

namespace {

/// Checks every group after this mark, and looks at what is in it.
void index_journal(const JournalGroups& journal, const Mark& after, HistoryIndex& index,
                   Verified& report) {
  const JournalTail tail = check_journal(journal, after, [&](const GroupView& group) {
    if (group.last() <= after.applied) return;
    if (!index.add(group)) {
      throw StorageError("a record of the group at " + std::to_string(group.first) +
                         " cannot be read");
    }
    ++report.groups;
  });
  report.records = tail.head;
  report.digest = tail.digest;
}

/// Quickly; where something seems wrong, thoroughly; and if it was not, once more without the rows,
/// which have been compared then. (A key that was used twice within its time is such a case.)
billing::BookTotals compare(const Audit& audit, std::set<std::size_t> odd,
                            std::set<std::string>& places) {
  std::optional<billing::BookTotals> totals;
  try {
    totals = audit.quickly();
  } catch (const Suspicion& suspicion) {
    odd.insert(suspicion.parts.begin(), suspicion.parts.end());
  }
  if (!odd.empty()) audit.thoroughly(odd, places);
  if (totals) return *totals;
  try {
    return audit.without_rows().quickly();
  } catch (const Suspicion&) {
    throw StorageError("the books of the journal do not agree; verify it again");
  }
}

Verified audit(const JournalGroups& journal, Database* database, const RowHash& hash,
               std::optional<RowScan>& rows, const Progress& progress) {
  Verified report;
  HistoryIndex index(hash);
  progress("checking the journal and the rows", 0, 0);
  {
    std::future<RowScan> scanning;
    if (database) {
      scanning = std::async(std::launch::async, [&] { return scan_rows(database->rows(), hash); });
    }
    index_journal(journal, {}, index, report);
    if (database) rows = scanning.get();
  }
  std::set<std::string> places;
  std::set<std::size_t> odd;
  if (rows) {
    check_journal(journal, rows->mark);
    report.rows = rows->rows;
    report.applied = rows->mark.applied;
    if (!rows->every_kept_answer_has_its_place) {
      for (std::string& place : places_of_no_kept_answer(database->rows())) {
        places.insert(std::move(place));
      }
      for (std::size_t part = 0; part < RowHash::parts; ++part) odd.insert(part);
    }
  }
  const Audit audit{journal, database, hash,          index, rows ? &*rows : nullptr,
                    nullptr, progress, report.records};
  const billing::BookTotals totals = compare(audit, std::move(odd), places);
  if (!places.empty()) wrong_row(*places.begin(), "belongs to nobody");
  tell(totals, report);
  return report;
}

[[noreturn]] void complain(const std::string& what) { throw StorageError(what); }

/// A good verification, and the rows that it has seen.
struct Good {
  Verified report;
  RowHash hash;
  RowScan rows;
};

Good verify_all(const std::string& directory, const Progress& progress) {
  const std::uint64_t torn_bytes = scan_logs(directory, *rocksdb::Env::Default());
  progress("checking the tables", 0, 0);
  DiskFailure failure(complain, true);
  const auto database = Database::open(directory, nullptr, OpenMode::read_only, failure);
  const RocksJournalStore store(*database);
  const RowHash hash;
  std::optional<RowScan> rows;
  Verified report = audit(store, database.get(), hash, rows, progress);
  report.torn_bytes = torn_bytes;
  return {std::move(report), hash, std::move(*rows)};
}

/// The same, of what came after `verified`. Throws Suspicion as well.
Good verify_after(const std::string& directory, const VerifiedRows& verified,
                  const Progress& progress) {
  Verified report;
  report.torn_bytes = scan_logs(directory, *rocksdb::Env::Default());
  report.since = verified.mark().applied;
  DiskFailure failure(complain, true);
  const auto database =
      Database::open(directory, nullptr, OpenMode::read_only, failure, Check::recent, report.since);
  const RocksJournalStore journal(*database);
  const JournalTail known{report.since, verified.mark().digest};
  if (const auto lacking = lack(journal, known, "the last verification")) complain(lacking->what);
  const Mark mark = mark_of(database->rows()).value_or(Mark());
  if (mark.applied < report.since) throw Suspicion{};
  progress("checking the journal and the rows", 0, 0);
  const RowHash& hash = verified.hash();
  HistoryIndex index(hash);
  auto scanning = std::async(std::launch::async, [&] { return scan_rows(database->rows(), hash); });
  const Beginning beginning{verified, verified.scan(mark.newest_at)};
  index_journal(journal, verified.mark(), index, report);
  RowScan rows = scanning.get();
  check_journal(journal, rows.mark);
  if (!rows.every_kept_answer_has_its_place) throw Suspicion{};
  report.rows = rows.rows;
  report.applied = rows.mark.applied;
  tell(Audit{journal, database.get(), hash, index, &rows, &beginning, progress, report.records}
           .quickly(),
       report);
  return {std::move(report), hash, std::move(rows)};
}

/// Nothing if the rows of the last verification are not there, or cannot be used.
std::unique_ptr<VerifiedRows> last_verified(const std::string& directory,
                                            const Progress& progress) try {
  progress("checking the rows of the last verification", 0, 0);
  auto verified = VerifiedRows::open(directory);
  return verified && verified->mark().applied > 0 ? std::move(verified) : nullptr;
} catch (const StorageError&) {
  return nullptr;
}

}  // namespace

Verified verify_journal(const JournalGroups& journal, const Progress& progress) {
  std::optional<RowScan> none;
  return audit(journal, nullptr, RowHash(), none, progress);
}

Verified verify(const std::string& directory, const Progress& progress) {
  const DirectoryLock lock(directory, false);
  return verify_all(directory, progress).report;
}

Verified verify_since_last(const std::string& directory, const Progress& progress) {
  const DirectoryLock lock(directory, false);
  std::optional<Good> good;
  if (const auto verified = last_verified(directory, progress)) {
    try {
      good.emplace(verify_after(directory, *verified, progress));
    } catch (const Suspicion&) {
      progress("something does not agree: verifying everything", 0, 0);
    }
  }
  if (!good) good.emplace(verify_all(directory, progress));
  try {
    VerifiedRows::keep(directory, good->hash, good->rows);
  } catch (const std::exception& error) {
    complain(std::string("all of it is verified, but cannot be kept for the next time: ") +
             error.what());
  }
  return good->report;
}

}  // namespace toll::persistence
