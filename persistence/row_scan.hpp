// One pass over all rows: their sums by parts, and what can be said of rows without the journal.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <set>

#include "persistence/database.hpp"
#include "persistence/format.hpp"
#include "persistence/row_hash.hpp"

namespace toll::persistence {

struct RowScan {
  Mark mark;
  RowSums sums{};
  std::uint64_t rows = 0;
  std::set<std::size_t> odd;  ///< parts that have a row that cannot be right
  struct Expired {
    std::uint64_t number = 0;
    std::size_t part = 0;
  };
  /// Kept answers that have expired and are there still, by the number of the key.
  boost::unordered_flat_map<std::uint64_t, Expired> expired;
  bool every_kept_answer_has_its_place = false;
};

/// How far the rows are; nothing if they do not say.
std::optional<Mark> mark_of(rocksdb::DB& rows);

/// Throws StorageError for a row of no known kind, or one whose owner cannot be told.
RowScan scan_rows(rocksdb::DB& rows, const RowHash& hash);

/// Makes of what was found in these rows what would have been found at this later instant: kept
/// answers that have expired by then are taken out of the sums. Throws StorageError.
void expire(rocksdb::DB& rows, const RowHash& hash, billing::Instant now, RowScan& found);

/// Looks at kept answers and their places only, and keeps all of them in memory. Throws
/// StorageError for a kept answer without its place; gives the places that belong to none that is
/// there.
std::vector<std::string> places_of_no_kept_answer(rocksdb::DB& rows);

}  // namespace toll::persistence
