#include "persistence/row_hash.hpp"

#include <cstring>
#include <random>

namespace toll::persistence {

namespace {

constexpr std::uint64_t odd_1 = 0xa0761d6478bd642f;
constexpr std::uint64_t odd_2 = 0xe7037ed1a0b428db;

}  // namespace

RowHash::RowHash() {
  std::random_device random;
  key_ = std::uint64_t{random()} << 32 | random();
}

std::uint64_t RowHash::mix(std::uint64_t a, std::uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a ^ odd_1) * (b ^ odd_2);
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

std::uint64_t RowHash::add(std::uint64_t hash, std::string_view bytes) {
  const std::size_t size = bytes.size();
  const auto two = [&](std::string_view part) {
    std::uint64_t words[2] = {};
    std::memcpy(words, part.data(), part.size());
    hash = mix(words[0] ^ hash, words[1] + odd_1);
  };
  for (; bytes.size() > 16; bytes.remove_prefix(16)) two(bytes.substr(0, 16));
  if (!bytes.empty()) two(bytes);
  return mix(hash, size);
}

}  // namespace toll::persistence
