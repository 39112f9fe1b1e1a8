// What happens when memory cannot be had: the process ends at once, as it does when the disk is
// broken. What is acknowledged is on disk, and nobody can say what half-made things are left.
#pragma once

namespace toll::http {

/// From now on an allocation that fails says so on standard error and ends the process with this
/// status.
void end_when_out_of_memory(int status);

}  // namespace toll::http
