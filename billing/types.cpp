#include "billing/types.hpp"

#include <algorithm>

#include "billing/assert.hpp"

namespace toll::billing {

std::string_view name(Channel channel) {
  static constexpr std::array<std::string_view, 3> names{"text", "voice", "video"};
  return names[index(channel)];
}

std::optional<Channel> parse_channel(std::string_view text) {
  for (const Channel channel : channels) {
    if (name(channel) == text) return channel;
  }
  return std::nullopt;
}

std::optional<Currency> parse_currency(std::string_view text) {
  const auto capital = [](char c) { return c >= 'A' && c <= 'Z'; };
  if (text.size() != 3 || !std::all_of(text.begin(), text.end(), capital)) return std::nullopt;
  return Currency{{text[0], text[1], text[2]}};
}

std::int64_t checked_add(std::int64_t a, std::int64_t b) {
  std::int64_t sum = 0;
  TOLL_ASSERT(!__builtin_add_overflow(a, b, &sum));
  return sum;
}

std::int64_t checked_mul(std::int64_t a, std::int64_t b) {
  std::int64_t product = 0;
  TOLL_ASSERT(!__builtin_mul_overflow(a, b, &product));
  return product;
}

bool valid_id(std::string_view id) {
  const auto allowed = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == ':' || c == '-';
  };
  if (id == "." || id == "..") return false;
  return !id.empty() && id.size() <= 64 && std::all_of(id.begin(), id.end(), allowed);
}

}  // namespace toll::billing
