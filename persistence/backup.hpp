// Backups of the journal, which everything else can be made from again. The server may be running.
#pragma once

#include <memory>
#include <string>

#include "persistence/recovery.hpp"
#include "persistence/verify.hpp"

namespace toll::persistence {

struct BackedUp {
  billing::Seq head = 0;    ///< the last record in the backup
  billing::Seq added = 0;   ///< records that came with this run
  std::uint64_t bytes = 0;  ///< written by this run
  std::string history;      ///< SEQ:DIGEST of the last record, for need_history
};

/// Adds to the backup in `to`, which is made if need be, what the journal of `directory` has gained
/// since the run before; all that was acknowledged before the call is in it. What was written is
/// read back and checked before it counts: a run that is cut short leaves the backup as it was.
/// Throws StorageError, also if the backup is one of another journal.
BackedUp back_up(const std::string& directory, const std::string& to);

/// The journal of a backup, or of a data directory whether a server uses it or not: checked from
/// the first byte to the last. Throws StorageError.
std::unique_ptr<JournalGroups> open_journal(const std::string& directory);

/// Throws StorageError unless the journal of a backup, or of a data directory, has this record with
/// this digest. That the digest is the one of all records up to it, its verification says.
void need_history(const std::string& directory, const JournalTail& expected);

/// Checks every byte of a backup, the chain, and the books of all its records. Throws StorageError.
Verified verify_backup(const std::string& directory, const Progress& progress = in_silence);

}  // namespace toll::persistence
