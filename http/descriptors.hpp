// How many connections the limit of open files leaves room for.
#pragma once

#include <cstdint>
#include <optional>

namespace toll::http {

/// A process that may have fewer open files than this cannot serve.
inline constexpr std::uint64_t least_descriptors = 512;

/// The limit of this process, raised as far as it may be; none when there is no limit.
std::optional<std::uint64_t> raise_descriptors();

/// The most connections with so many descriptors, at least `least_descriptors`: a quarter of them
/// is for the data directory, some are for connections that are told that there is no place.
std::size_t connections_for(std::uint64_t descriptors);

}  // namespace toll::http
