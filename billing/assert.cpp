#include "billing/assert.hpp"

#include <cstdio>
#include <cstdlib>

namespace toll {

void assertion_failed(const char* condition, const char* file, int line) noexcept {
  std::fprintf(stderr, "invariant violated: %s (%s:%d)\n", condition, file, line);
  std::abort();
}

}  // namespace toll
