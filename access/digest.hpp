// SHA-256, for fingerprints of requests and for tokens.
#pragma once

#include <array>
#include <string>
#include <string_view>

namespace toll::access {

using Sha256 = std::array<unsigned char, 32>;

Sha256 sha256(std::string_view bytes);
/// Two lower-case digits for each byte.
std::string hex(std::string_view bytes);
std::string hex(const Sha256& digest);

/// Takes the same time wherever the two differ.
bool equal_in_constant_time(const Sha256& a, const Sha256& b);

}  // namespace toll::access
