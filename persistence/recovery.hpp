// Recovery: what is checked before a data directory is believed.
#pragma once

#include "persistence/format.hpp"
#include "persistence/journal_store.hpp"

namespace toll::persistence {

/// Where the journal goes on.
struct JournalTail {
  billing::Seq head = 0;
  Digest digest{};
};

/// Checks checksum, place and chain of every group after the one that the rows end with, and that
/// one. Throws StorageError for the first group that is not what was written, and if the rows are
/// beyond the journal or of another one. A mark of nothing checks the whole journal.
JournalTail check_journal(const JournalGroups& journal, const Mark& rows = {});

}  // namespace toll::persistence
