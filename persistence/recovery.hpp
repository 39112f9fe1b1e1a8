// Recovery: what is checked before a data directory is believed.
#pragma once

#include "persistence/group.hpp"
#include "persistence/journal_store.hpp"

namespace toll::persistence {

/// Where the journal goes on.
struct JournalTail {
  billing::Seq head = 0;
  Digest digest{};
};

/// Checks checksum, place and chain of every group from the one that holds record `applied` to the
/// end. Throws StorageError for the first group that is not what was written, and if rows are
/// beyond the journal.
JournalTail check_journal(const JournalGroups& journal, billing::Seq applied);

}  // namespace toll::persistence
