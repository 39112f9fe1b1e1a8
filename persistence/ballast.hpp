// Ballast: a file that only takes up room, given up at a start on a full disk, so that the start
// has what it needs to recover and to serve reads. There is nothing in it.
#pragma once

#include <cstdint>
#include <string>

namespace toll::persistence {

/// Before anything in `directory` is opened: with less than `bytes` free the ballast is given up.
/// Says whether there was any.
bool give_up_ballast(const std::string& directory, std::uint64_t bytes);

/// Once recovered: makes it if it is not there and leaves the low-water mark free.
void make_ballast(const std::string& directory, std::uint64_t bytes);

}  // namespace toll::persistence
