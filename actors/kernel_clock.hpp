// Whether something keeps the machine's clock right, as the kernel says.
#pragma once

#include <string>

namespace toll::actors {

struct KernelClock {
  bool synchronised = false;
  std::string why;  ///< it is not, or cannot be told; for a person
};

/// What adjtimex(2) says; it changes nothing.
KernelClock kernel_clock();

/// What that means: what the call returned, -1 with `error`, and two fields of the kernel's.
KernelClock judged(int returned, int error, int status, long max_error_us);

}  // namespace toll::actors
