#include "actors/kernel_clock.hpp"

#include <sys/timex.h>

#include <cerrno>
#include <cstring>

namespace toll::actors {

namespace {

/// The kernel lets the error grow up to this when nobody keeps its clock right.
constexpr long boundless_error_us = 16'000'000;

}  // namespace

KernelClock judged(int returned, int error, int status, long max_error_us) {
  if (returned == -1) return {false, std::string("adjtimex: ") + std::strerror(error)};
  const bool says_so = returned != TIME_ERROR && (status & STA_UNSYNC) == 0;
  // Who corrects a clock without letting the kernel write it to the hardware leaves the flag set.
  const bool bounded = max_error_us > 0 && max_error_us < boundless_error_us;
  if (says_so || bounded) return {true, {}};
  return {false, "the kernel says that its clock is not synchronised"};
}

KernelClock kernel_clock() {
  timex read{};
  const int returned = adjtimex(&read);
  return judged(returned, errno, read.status, read.maxerror);
}

}  // namespace toll::actors
