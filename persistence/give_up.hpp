// Accepting that acknowledged records are lost.
#pragma once

#include <string>

#include "billing/types.hpp"

namespace toll::persistence {

struct GivenUp {
  billing::Seq lost_to = 0;  ///< the last record that is known to have been on disk
  std::string journal;       ///< the id of the history that begins
};

/// Makes the journal of a stopped server's directory go on after record `after`, with which it has
/// to end, although its witness knows later ones, or others: as another history, whose first record
/// is HistoryGivenUp. Rows are folded again. Throws StorageError, also when nothing is missing.
GivenUp give_up(const std::string& directory, billing::Seq after);

}  // namespace toll::persistence
