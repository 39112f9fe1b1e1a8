// The scalar vocabulary of billing: instants, units, channels, money. Values only, no I/O.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace toll::billing {

/// Milliseconds since 1970-01-01T00:00:00Z, truncated once when the clock was read.
using Instant = std::int64_t;

/// Position of a record in the journal. The first record has 1; 0 means "before everything".
using Seq = std::uint64_t;

/// Counts the records that one entity owns; the next record of the entity carries version + 1.
using Version = std::uint64_t;

enum class Channel : std::uint8_t { text, voice, video };
inline constexpr std::array channels{Channel::text, Channel::voice, Channel::video};
constexpr std::size_t index(Channel channel) { return static_cast<std::size_t>(channel); }
std::string_view name(Channel channel);
std::optional<Channel> parse_channel(std::string_view text);

/// Session credits per channel, indexed by index(Channel).
using Units = std::array<std::int64_t, 3>;
inline constexpr std::int64_t max_units = 1'000'000'000;

/// An ISO 4217 code: three capital letters.
struct Currency {
  std::array<char, 3> code{'M', 'W', 'K'};
  std::string_view view() const { return {code.data(), code.size()}; }
  auto operator<=>(const Currency&) const = default;
};
inline constexpr Currency default_currency{{'M', 'W', 'K'}};
std::optional<Currency> parse_currency(std::string_view text);

/// An integer number of minor units (tambala, cents), never a float.
struct Money {
  std::int64_t amount = 0;
  Currency currency;
  bool operator==(const Money&) const = default;
};

/// Sum and product that end the process instead of wrapping: wrapped money is wrong money.
std::int64_t checked_add(std::int64_t a, std::int64_t b);
std::int64_t checked_mul(std::int64_t a, std::int64_t b);

/// Ids: 1 to 64 characters from A-Z a-z 0-9 . _ : -, but neither . nor .. (paths have segments)
bool valid_id(std::string_view id);

}  // namespace toll::billing
