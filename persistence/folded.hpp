// Everything that the journal says, folded in memory without a cache or windows: what the rows must
// show. See fold.hpp for the functions of a world.
#pragma once

#include <functional>
#include <map>
#include <unordered_map>
#include <vector>

#include "billing/facts.hpp"
#include "persistence/format.hpp"

namespace toll::persistence {

struct Folded {
  std::unordered_map<std::string, billing::Session> sessions;
  std::unordered_map<std::string, billing::Subscription> subscriptions;
  std::unordered_map<std::string, billing::Doctor> doctors;
  std::unordered_map<std::string, billing::Withdrawal> withdrawals;
  std::map<std::uint32_t, billing::Policy> policies;
  std::unordered_map<std::string, std::vector<billing::Seq>> lines;    ///< by session
  std::unordered_map<std::string, std::vector<billing::Seq>> entries;  ///< by doctor
  std::map<billing::RequestDigest, KeptAnswer> kept;  ///< the latest of each key, expired or not
  Mark mark;

  /// Empty, or whether an entity of this id is folded; kept answers go with the entity that is in
  /// them, or with their key.
  std::function<bool(std::string_view id)> concerns;
  bool mine(std::string_view id) const { return !concerns || concerns(id); }

  /// Aborts on a record that does not follow from those before it.
  void add(const billing::Record& record);
};

}  // namespace toll::persistence
