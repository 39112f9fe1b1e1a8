// What a long command is doing, now and then, for who waits for it.
#pragma once

#include "persistence/verify.hpp"

namespace toll::tools {

/// Writes a line to standard error when it has been at it for some seconds, and every so often.
persistence::Progress progress();

}  // namespace toll::tools
