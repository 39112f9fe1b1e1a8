// RFC 3339 times. Inside the server an instant is a count of milliseconds; only here is it text.
#pragma once

#include "billing/types.hpp"

namespace toll::http {

/// The last instant that a request may name: 9999-12-31T23:59:59.999Z.
inline constexpr billing::Instant latest_instant = 253'402'300'799'999;

/// Reads `2026-01-01T00:10:00.5+02:00`, cut off (not rounded) to milliseconds. None for anything
/// that is not RFC 3339, for days that do not exist, and outside 1970 to 9999 (in UTC).
std::optional<billing::Instant> parse_time(std::string_view text);

/// Appends `2026-01-01T00:10:00.000Z`.
void append_time(std::string& out, billing::Instant at);

}  // namespace toll::http
