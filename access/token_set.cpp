#include "access/token_set.hpp"

namespace toll::access {

TokenSet::TokenSet(const std::vector<Token>& tokens) {
  for (const Token& token : tokens) {
    entries_.emplace(token.id,
                     Entry{token.digest, std::make_shared<const Principal>(token.principal())});
  }
}

PrincipalPtr TokenSet::find(std::string_view token) const {
  const auto id = token_id(token);
  if (!id) return nullptr;
  const auto found = entries_.find(std::string(*id));  // short enough to need no allocation
  if (found == entries_.end()) return nullptr;
  const Entry& entry = found->second;
  return equal_in_constant_time(entry.digest, sha256(token)) ? entry.principal : nullptr;
}

}  // namespace toll::access
