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

/// Checks every group, and looks at what is in it.
void index_journal(const JournalGroups& journal, HistoryIndex& index, Verified& report) {
  const JournalTail tail = check_journal(journal, {}, [&](const GroupView& group) {
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

Verified audit(const JournalGroups& journal, Database* database, const Progress& progress) {
  Verified report;
  const RowHash hash;
  HistoryIndex index(hash);
  std::optional<RowScan> rows;
  progress("checking the journal and the rows", 0, 0);
  {
    std::future<RowScan> scanning;
    if (database) {
      scanning = std::async(std::launch::async, [&] { return scan_rows(*database, hash); });
    }
    index_journal(journal, index, report);
    if (database) rows = scanning.get();
  }
  std::set<std::string> places;
  std::set<std::size_t> odd;
  if (rows) {
    check_journal(journal, rows->mark);
    report.rows = rows->rows;
    report.applied = rows->mark.applied;
    if (!rows->every_kept_answer_has_its_place) {
      for (std::string& place : places_of_no_kept_answer(*database)) {
        places.insert(std::move(place));
      }
      for (std::size_t part = 0; part < RowHash::parts; ++part) odd.insert(part);
    }
  }
  const Audit audit{journal,  database,      hash, index, rows ? &*rows : nullptr,
                    progress, report.records};
  const billing::BookTotals totals = compare(audit, std::move(odd), places);
  if (!places.empty()) wrong_row(*places.begin(), "belongs to nobody");
  report.sessions = totals.sessions;
  report.live_sessions = totals.live_sessions;
  report.subscriptions = totals.subscriptions;
  report.doctors = totals.doctors;
  report.units_taken = totals.units_taken;
  report.earned = totals.earned;
  return report;
}

}  // namespace

Verified verify_journal(const JournalGroups& journal, const Progress& progress) {
  return audit(journal, nullptr, progress);
}

Verified verify(const std::string& directory, const Progress& progress) {
  const DirectoryLock lock(directory, false);
  const std::uint64_t torn_bytes = scan_logs(directory, *rocksdb::Env::Default());
  progress("checking the tables", 0, 0);
  DiskFailure failure([](const std::string& what) { throw StorageError(what); }, true);
  const auto database = Database::open(directory, nullptr, OpenMode::read_only, failure);
  const RocksJournalStore store(*database);
  Verified report = audit(store, database.get(), progress);
  report.torn_bytes = torn_bytes;
  return report;
}

}  // namespace toll::persistence
