// Ballast: a file that only takes up room, so that a full disk still has some for what must not be
// refused. A start on a full disk gives it up as a whole, to recover and to serve reads; while the
// server runs it is given up step by step, for hang-ups. There is nothing in it.
#pragma once

#include <cstdint>
#include <string>

namespace toll::persistence {

inline constexpr std::uint64_t ballast_step_bytes = 8u << 20;

/// Before anything in `directory` is opened: with less than `bytes` free the ballast is given up.
/// Says whether there was any.
bool give_up_ballast(const std::string& directory, std::uint64_t bytes);

/// Makes it one step smaller. False: there is nothing left of it.
bool give_up_ballast_step(const std::string& directory);

/// Makes it `bytes` large, unless it is, or that would not leave the low-water mark free.
void make_ballast(const std::string& directory, std::uint64_t bytes);

/// The same by one step.
void make_ballast_step(const std::string& directory, std::uint64_t bytes);

}  // namespace toll::persistence
