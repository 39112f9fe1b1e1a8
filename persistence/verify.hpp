// Verifying a whole data directory: nothing of it is believed, everything is compared. For
// `tollctl verify` and for tests; the server may not be running.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "billing/types.hpp"
#include "persistence/group.hpp"
#include "persistence/journal_store.hpp"

namespace toll::persistence {

/// What was checked.
struct Verified {
  billing::Seq since = 0;  ///< what follows is of what came after this record, but for `rows`
  std::uint64_t groups = 0;
  billing::Seq records = 0;      ///< the last one
  Digest digest{};               ///< of the last group
  billing::Seq applied = 0;      ///< the record that the rows are at
  std::uint64_t torn_bytes = 0;  ///< at the end of the write-ahead log, never acknowledged
  std::uint64_t rows = 0;
  std::size_t sessions = 0;
  std::int64_t live_sessions = 0;
  std::size_t subscriptions = 0;
  std::size_t doctors = 0;
  std::int64_t units_taken = 0;
  std::map<billing::Currency, std::int64_t> earned;
};

/// Hears what is being done, and how much of how much is; 0 of 0 when that is not known. From one
/// thread at a time, often.
using Progress = std::function<void(const char* what, billing::Seq done, billing::Seq of)>;

inline void in_silence(const char*, billing::Seq, billing::Seq) {}

/// Checks all checksums and the hash chain, keeps second books of all records (billing/invariants),
/// folds them, and compares the rows with the fold, both ways. Changes nothing in the directory.
/// Throws StorageError with the first discrepancy. Memory does not grow with what is over.
Verified verify(const std::string& directory, const Progress& progress = in_silence);

/// The same of what came since the last good verification of this kind: the rows of that one are
/// kept in the directory, with the digest of the record that they were at, and what is looked at is
/// whether the journal still has that record, what follows it, and all rows. The groups before it
/// are bound by the digest, but their bytes are not read. Where nothing is kept, or something does
/// not agree, everything is verified. If it is all good, the rows are kept for the next one.
Verified verify_since_last(const std::string& directory, const Progress& progress = in_silence);

/// As verify(), of a journal alone: nothing is said of rows.
Verified verify_journal(const JournalGroups& journal, const Progress& progress = in_silence);

}  // namespace toll::persistence
