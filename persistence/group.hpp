// A group: all records that waited for the disk at one moment, as one value under one key, with its
// length, its checksum and the digest of the group before (tamper evidence). See format.hpp.
#pragma once

#include <array>
#include <functional>
#include <optional>
#include <string>

#include "billing/facts.hpp"

namespace toll::persistence {

/// SHA-256 of a group: its checksum, and its link in the chain.
using Digest = std::array<char, 32>;

/// A group that is being gathered: room for the header, then records.
struct GroupBuilder {
  billing::Seq first = 0;
  std::uint32_t records = 0;
  std::size_t body_bytes = 0;  ///< of the records, without their lengths
  std::string value;

  /// `memory` is used again, whatever is in it.
  GroupBuilder(billing::Seq first_seq, std::string memory);
  billing::Seq last() const { return first + records - 1; }

  /// `body` comes from encode_record.
  void add(std::string_view body);

  /// Fills in the header. The value is complete then, and must not grow any more.
  Digest seal(const Digest& previous);
};

/// The parts of a group's value; `payload` points into it, and lives as long.
struct GroupView {
  billing::Seq first = 0;
  std::uint32_t records = 0;
  Digest previous{};
  Digest digest{};
  std::string_view payload;
  std::string_view value;  ///< all of it
  billing::Seq last() const { return first + records - 1; }
};

/// Reads the header; nothing if it cannot be one (wrong version or length, no records, numbers
/// beyond the last there is).
std::optional<GroupView> parse_group(std::string_view value);

/// How long a group is by its header, which is all of `header` or its beginning; 0 if it is none.
std::size_t group_bytes(std::string_view header);

/// Whether the bytes are the ones that were sealed.
bool intact(std::string_view value);

/// Calls `visit` for each record from `from` on, until it returns false. False if a record cannot
/// be read, or the number of records is not the header's.
bool each_record(const GroupView& group, billing::Seq from,
                 const std::function<bool(billing::Record&&)>& visit);

/// Keys of groups: big-endian, so that the order of bytes is the order of numbers.
std::string group_key(billing::Seq first);
std::optional<billing::Seq> parse_group_key(std::string_view key);

}  // namespace toll::persistence
