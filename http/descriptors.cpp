#include "http/descriptors.hpp"

#include <sys/resource.h>

#include "http/seats.hpp"

namespace toll::http {

std::optional<std::uint64_t> raise_descriptors() {
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0) return std::nullopt;
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  if (files.rlim_cur == RLIM_INFINITY) return std::nullopt;
  return files.rlim_cur;
}

std::size_t connections_for(std::uint64_t descriptors) {
  return descriptors - descriptors / 4 - SeatLimits::above_places;
}

}  // namespace toll::http
