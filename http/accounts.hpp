// What each principal has of the server at this moment, so that none takes all of it. Without
// authentication there is nobody to tell from others, and so nobody is limited.
#pragma once

#include <atomic>
#include <memory>
#include <unordered_map>

#include "access/principal.hpp"

namespace toll::http {

/// On the io thread only, but for what is atomic.
struct Account {
  explicit Account(access::Role of) : role(of) {}

  const access::Role role;
  std::size_t connections = 0;
  std::size_t streams = 0;
  std::atomic<std::size_t> waiting_bytes{0};  ///< of answers and requests
  std::atomic<std::size_t> lists{0};          ///< under way; each ends on the lists' thread

  /// Whether one more list may be under way while there is room for `left` in all. A third of that
  /// is a quarter of all for one alone, and however many want all there is some left for others.
  bool may_list(std::int64_t left) const;
};
using AccountPtr = std::shared_ptr<Account>;

/// Of the account; none for nobody's.
inline std::optional<access::Role> role_of(const AccountPtr& account) {
  return account ? std::optional(account->role) : std::nullopt;
}

class Accounts {
 public:
  /// With `limited` false there are no accounts.
  explicit Accounts(bool limited) : limited_(limited) {}

  /// The one account of everybody of this name; null where nobody is limited. It lasts while
  /// somebody has something on it.
  AccountPtr of(const access::PrincipalPtr& principal);

 private:
  void forget_unused();

  const bool limited_;
  std::size_t forget_at_ = 1024;  ///< accounts; doubles with those in use
  std::unordered_map<std::string, AccountPtr> by_name_;
};

}  // namespace toll::http
