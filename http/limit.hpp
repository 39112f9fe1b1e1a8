// The limits that keep one client from the others' share, as the metrics name them.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace toll::http {

enum class Limit : std::uint8_t {
  streams,             ///< of all
  streams_of_persons,  ///< the rest is kept for staff
  streams_of_principal,
};

inline constexpr std::array<std::string_view, 3> limit_names{"streams", "streams_of_persons",
                                                             "streams_of_principal"};

}  // namespace toll::http
