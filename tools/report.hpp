// What a verification found, as people read it.
#pragma once

#include "persistence/verify.hpp"

namespace toll::tools {

/// To standard output. `has_rows`: false for a backup, which is a journal alone.
void print(const persistence::Verified& found, bool has_rows);

}  // namespace toll::tools
