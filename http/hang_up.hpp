// SIGHUP: noted from the first line of main to the end of the process, which it never ends. The
// server asks a few times a second whether one came, and reads its files again.
#pragma once

namespace toll::http {

/// From now on SIGHUP is noted, and does nothing else.
void note_hang_ups();

/// Whether one came since the last call. From any thread.
bool take_hang_up();

}  // namespace toll::http
