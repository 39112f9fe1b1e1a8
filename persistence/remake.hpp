// A data directory from a journal alone: its groups are copied, folded beside second books of them,
// and each row that comes out is written once.
#pragma once

#include <string>

#include "persistence/beside.hpp"
#include "persistence/verify.hpp"

namespace toll::persistence {

/// Fills `directory`, which is there and empty, with everything but a witness and tokens, and
/// verifies it: as verify() does, but the fold that made the rows is the one that they are compared
/// with when they have been read again. Memory does not grow with what is over, nor with rows.
/// Throws StorageError.
Verified remake(const JournalGroups& journal, const Beside& beside, const std::string& directory,
                const Progress& progress);

}  // namespace toll::persistence
