#include "persistence/verify.hpp"

#include <rocksdb/env.h>

#include "billing/invariants.hpp"
#include "persistence/compare_rows.hpp"
#include "persistence/directory_lock.hpp"
#include "persistence/group.hpp"
#include "persistence/recovery.hpp"
#include "persistence/rocks_journal_store.hpp"
#include "persistence/storage.hpp"
#include "persistence/wal_scan.hpp"

namespace toll::persistence {

namespace {

Mark read_mark(Database& database) {
  Mark mark;
  std::string stored;
  if (database.get_row(std::string(1, format::mark_row), stored) && !decode(stored, mark)) {
    throw StorageError("the mark of the rows cannot be read");
  }
  return mark;
}

void need(const billing::Violation& violation) {
  if (violation) throw StorageError(*violation);
}

/// The folded entities against the books.
void compare_books(const billing::Books& books, const Folded& folded) {
  for (const auto& [id, session] : folded.sessions) need(books.compare(session));
  for (const auto& [id, subscription] : folded.subscriptions) need(books.compare(subscription));
  for (const auto& [id, doctor] : folded.doctors) need(books.compare(doctor));
  for (const auto& [id, withdrawal] : folded.withdrawals) need(books.compare(withdrawal));
  need(books.compare_totals());
}

/// Folds the whole journal and keeps second books of it. `at` sees the fold before the first record
/// and after each one.
Verified audit(const JournalGroups& journal, const std::function<void(const Folded&)>& at) {
  Verified report;
  billing::Books books;
  Folded folded;
  at(folded);
  journal.read(0, [&](billing::Seq first, std::string_view value) {
    const auto group = parse_group(value);
    folded.mark.digest = group->digest;
    const bool whole = each_record(*group, first, [&](billing::Record&& record) {
      if (const auto wrong = books.add(record)) {
        throw StorageError("record " + std::to_string(record.seq) + ": " + *wrong);
      }
      folded.add(record);
      at(folded);
      return true;
    });
    if (!whole)
      throw StorageError("a record of the group at " + std::to_string(first) + " cannot be read");
    ++report.groups;
    return true;
  });
  compare_books(books, folded);

  report.records = folded.mark.applied;
  report.sessions = books.sessions();
  report.live_sessions = books.live_sessions();
  report.subscriptions = books.subscriptions();
  report.doctors = books.doctors();
  report.units_taken = books.units_taken();
  report.earned = books.earned();
  return report;
}

}  // namespace

Verified verify_journal(const JournalGroups& journal) {
  check_journal(journal);
  return audit(journal, [](const Folded&) {});
}

Verified verify(const std::string& directory) {
  const DirectoryLock lock(directory, false);
  const std::uint64_t torn_bytes = scan_logs(directory, *rocksdb::Env::Default());
  DiskFailure failure([](const std::string& what) { throw StorageError(what); }, true);
  const auto database = Database::open(directory, nullptr, OpenMode::read_only, failure);
  const RocksJournalStore store(*database);
  check_journal(store);
  const Mark mark = read_mark(*database);
  check_journal(store, mark);
  std::uint64_t rows = 0;
  Verified report = audit(store, [&](const Folded& folded) {
    if (folded.mark.applied == mark.applied) rows = compare_rows(*database, folded);
  });
  report.applied = mark.applied;
  report.torn_bytes = torn_bytes;
  report.rows = rows;
  return report;
}

}  // namespace toll::persistence
