// Making a data directory from a journal: of a backup, or of a directory whose rows are not to be
// used.
#pragma once

#include <string>

#include "persistence/verify.hpp"

namespace toll::persistence {

/// Makes `directory`, which must not be there or be empty, from a backup, verifies it, and only
/// then gives it its name: a run that is killed leaves DIRECTORY.new behind, which the next one
/// refuses to touch. All of it belongs to the owner of `directory`, or of the backup if that is not
/// there. Without `with_tokens` nobody is known to the server that starts on it: a token of the
/// backup may have been revoked since. Throws StorageError.
Verified restore(const std::string& backup, const std::string& directory, bool with_tokens = false,
                 const Progress& progress = in_silence);

/// Makes the data directory of a stopped server again from its journal, verifies it, and puts it in
/// the place of the old one, which stays as DIRECTORY.old. Throws StorageError.
Verified rebuild(const std::string& directory, const Progress& progress = in_silence);

}  // namespace toll::persistence
