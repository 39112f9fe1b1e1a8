#include "persistence/keys.hpp"

#include <algorithm>

#include "billing/assert.hpp"
#include "persistence/format.hpp"
#include "persistence/group.hpp"

namespace toll::persistence::keys {

std::string row(char letter, std::string_view id) { return std::string(1, letter).append(id); }

std::string policy(std::uint32_t version) { return at(row(format::policy_row), version); }

std::string owner(char letter, std::string_view owner) {
  TOLL_ASSERT(owner.size() <= 0xffff);
  std::string key{letter, static_cast<char>(owner.size() >> 8), static_cast<char>(owner.size())};
  key.reserve(key.size() + owner.size() + sizeof(billing::Seq));
  return key.append(owner);
}

std::string status(billing::Status status) {
  return {format::status_index, static_cast<char>(status)};
}

std::string at(std::string prefix, billing::Seq seq) { return prefix += group_key(seq); }

std::optional<billing::Seq> seq_after(std::string_view key, std::size_t prefix_bytes) {
  return key.size() < prefix_bytes ? std::nullopt : parse_group_key(key.substr(prefix_bytes));
}

std::string kept(const billing::RequestDigest& key) {
  return row(format::kept_row, {key.data(), key.size()});
}

std::string expiry(billing::Instant at, const billing::RequestDigest& key) {
  return keys::at(row(format::expiry_index), static_cast<billing::Seq>(at))
      .append(key.data(), key.size());
}

std::optional<billing::RequestDigest> kept_in(std::string_view expiry_key) {
  billing::RequestDigest key{};
  if (expiry_key.size() != 1 + 8 + key.size()) return std::nullopt;
  std::copy(expiry_key.begin() + 9, expiry_key.end(), key.begin());
  return key;
}

std::string end_of(std::string prefix) {
  // Nine: beyond every sequence number. Ids are ASCII.
  return prefix.append(9, '\xff');
}

}  // namespace toll::persistence::keys
