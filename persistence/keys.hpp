// Keys of rows, as format.hpp lays them out.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "billing/facts.hpp"

namespace toll::persistence::keys {

/// A letter and an id, or the letter alone.
std::string row(char letter, std::string_view id = {});
std::string policy(std::uint32_t version);

/// Every key of one owner in an index or posting family begins with this.
std::string owner(char letter, std::string_view owner);
std::string status(billing::Status status);

/// `prefix` and a place in it.
std::string at(std::string prefix, billing::Seq seq);
std::optional<billing::Seq> seq_after(std::string_view key, std::size_t prefix_bytes);

/// The row of a kept answer, its place in the order of expiry, and whose place that is.
std::string kept(const billing::RequestDigest& key);
std::string expiry(billing::Instant at, const billing::RequestDigest& key);
std::optional<billing::RequestDigest> kept_in(std::string_view expiry_key);

/// A key after all those that are `prefix` and a sequence number or an id.
std::string end_of(std::string prefix);

}  // namespace toll::persistence::keys
