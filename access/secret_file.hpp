// Files with secrets in them, which nobody but the server should be able to read.
#pragma once

#include <optional>
#include <string>

namespace toll::access {

/// Why a file is no place for a secret: others than its owner can read or change it, or, where root
/// owns it, others than its group. A sentence with the command that mends it; none if it is one, or
/// cannot be looked at.
std::optional<std::string> exposed(const std::string& path);

/// From now on no core of this process is written, and nobody but root can look into it.
void keep_memory_private();

/// From now on what this process makes is for its owner alone, whatever its umask was.
void keep_files_private();

}  // namespace toll::access
