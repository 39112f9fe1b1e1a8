// Numbers that stand for rows: the sum of those that are there equals the sum of those that must be
// there if the rows are the same, in whatever order either comes. The key is new for each
// verification of everything, so nobody can make rows whose numbers cancel out.
#pragma once

#include <array>
#include <cstdint>
#include <set>
#include <string_view>

namespace toll::persistence {

class RowHash {
 public:
  RowHash();  ///< with a random key
  explicit RowHash(std::uint64_t key) : key_(key) {}
  std::uint64_t key() const { return key_; }

  std::uint64_t operator()(std::string_view bytes) const { return add(key_, bytes); }
  std::uint64_t operator()(std::string_view key, std::string_view value) const {
    return add(add(key_, key), value);
  }
  /// Of one record in the statement or wallet of an owner, whose id has this number.
  std::uint64_t place(char list, std::uint64_t owner, std::uint64_t seq) const {
    return mix(owner ^ static_cast<std::uint8_t>(list), seq ^ key_);
  }

  /// What belongs to one id is in one part.
  static constexpr std::size_t parts = 256;
  std::size_t part_of(std::string_view id) const { return part_of((*this)(id)); }
  static std::size_t part_of(std::uint64_t number) { return number >> 56; }

 private:
  static std::uint64_t mix(std::uint64_t a, std::uint64_t b);
  static std::uint64_t add(std::uint64_t hash, std::string_view bytes);

  std::uint64_t key_;
};

/// Something does not agree, in these parts or, if there are none, in what was kept: it has to be
/// looked at by itself then, to say what.
struct Suspicion {
  std::set<std::size_t> parts;
};

/// A sum for each part.
using RowSums = std::array<std::uint64_t, RowHash::parts>;

}  // namespace toll::persistence
