// Folding the whole journal beside second books of it, and comparing both with the rows. Two ways:
// quickly, in memory that does not grow with what is over, which says only in which parts of all
// ids something is wrong; and a part at a time with everything in memory, which says what.
#pragma once

#include "billing/invariants.hpp"
#include "persistence/journal_store.hpp"
#include "persistence/streamed_fold.hpp"
#include "persistence/verify.hpp"

namespace toll::persistence {

void tell(const billing::BookTotals& totals, Verified& report);

struct Audit {
  const JournalGroups& journal;
  Database* const database;  ///< null: no rows
  const RowHash& hash;
  const HistoryIndex& index;
  const RowScan* const rows;         ///< null with the database
  const Beginning* const beginning;  ///< null: the first record
  const Progress& progress;
  billing::Seq head = 0;
  /// What a pass may have in memory, by a rough count. Beyond it looks at half of the ids, and at
  /// the others in further passes.
  std::size_t most_bytes = 256u << 20;

  /// Rows that are made, and what they come to; null: there are rows already, or none.
  struct Made {
    RowRuns& runs;
    RowSums sums{};
  };
  Made* made = nullptr;

  /// The same of the journal alone.
  Audit without_rows() const {
    return {journal, nullptr, hash, index, nullptr, nullptr, progress, head, most_bytes, nullptr};
  }

  /// Throws Suspicion, and StorageError where there is no doubt.
  billing::BookTotals quickly() const;

  /// Looks at these parts. Throws StorageError with the first thing that is wrong. Takes places of
  /// kept answers that the journal knows out of `places`.
  void thoroughly(const std::set<std::size_t>& parts, std::set<std::string>& places) const;

 private:
  billing::BookTotals pass(Parts parts) const;
  void look_at(const std::set<std::size_t>& parts, std::set<std::string>& places) const;
};

}  // namespace toll::persistence
