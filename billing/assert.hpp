// Invariants are assertions that stay on in release: a server that no longer knows what is true
// about money must stop, because going on writes the mistake to disk.
#pragma once

namespace toll {

/// Prints what was violated and where to standard error, then aborts.
[[noreturn]] void assertion_failed(const char* condition, const char* file, int line) noexcept;

}  // namespace toll

#define TOLL_ASSERT(condition) \
  ((condition) ? void(0) : ::toll::assertion_failed(#condition, __FILE__, __LINE__))
