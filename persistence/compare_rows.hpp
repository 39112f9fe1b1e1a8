// Comparing every row with the fold of the journal, both ways.
#pragma once

#include "persistence/database.hpp"
#include "persistence/folded.hpp"

namespace toll::persistence {

/// `folded` is at the rows' mark. Looks at the rows of those ids that it has folded. Throws
/// StorageError for the first row that differs, is missing or should not be there. Places of kept
/// answers that it does not know are left alone.
void compare_rows(Database& database, const Folded& folded);

[[noreturn]] void wrong_row(std::string_view key, const char* what);

}  // namespace toll::persistence
