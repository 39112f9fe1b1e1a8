// The tokens of a running server, found without trying one after the other.
#pragma once

#include <unordered_map>

#include "access/token.hpp"

namespace toll::access {

class TokenSet {
 public:
  TokenSet() = default;
  explicit TokenSet(const std::vector<Token>& tokens);

  /// Whose token this is, null for none. The public id finds the one digest that it is compared
  /// with, in constant time.
  PrincipalPtr find(std::string_view token) const;

  std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    Sha256 digest;
    PrincipalPtr principal;
  };
  std::unordered_map<std::string, Entry> entries_;  ///< by id
};

}  // namespace toll::access
