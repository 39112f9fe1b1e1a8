// Comparing every row with the fold of the journal, both ways.
#pragma once

#include "persistence/database.hpp"
#include "persistence/folded.hpp"

namespace toll::persistence {

/// `folded` is at the rows' mark. Returns how many rows there are. Throws StorageError for the
/// first row that differs, is missing or should not be there.
std::uint64_t compare_rows(Database& database, const Folded& folded);

}  // namespace toll::persistence
