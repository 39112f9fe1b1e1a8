// A new data directory.
#pragma once

#include <string>

namespace toll::persistence {

/// Makes an empty journal in `directory`, which is made if it is not there, for its owner. Throws
/// StorageError, also if there is a journal already.
void init(const std::string& directory);

}  // namespace toll::persistence
