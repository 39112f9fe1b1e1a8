// Which tables of a data directory a start has to know to be whole, and which can be checked later:
// the journal is never truncated, so reading all of it would take longer with every year.
#pragma once

#include "billing/types.hpp"
#include "persistence/table_checksums.hpp"

namespace toll::persistence {

class ClosedJournal;

struct TablesByAge {
  std::vector<TableFile> recent;
  std::vector<TableFile> older;
};

/// Older are the tables of the journal whose groups all come before the one that holds record
/// `mark`; everything else is recent. The ends of all tables are checked, so that they can be
/// opened, and the logs must have been (scan_logs). `journal` is the one of this directory. Changes
/// nothing. Throws StorageError.
TablesByAge tables_by_age(const std::string& directory, rocksdb::Env& env, billing::Seq mark,
                          const ClosedJournal& journal);

/// The record that the rows in `directory` are at; their tables must have been checked.
billing::Seq mark_of_rows(const std::string& directory, rocksdb::Env& env);

}  // namespace toll::persistence
