#include "http/accounts.hpp"

#include <algorithm>

namespace toll::http {

AccountPtr Accounts::of(const access::PrincipalPtr& principal) {
  if (!limited_ || !principal) return nullptr;
  const auto known = by_name_.find(principal->name);
  if (known != by_name_.end()) return known->second;
  if (by_name_.size() >= forget_at_) forget_unused();
  const auto account = std::make_shared<Account>(principal->grant.role);
  by_name_.emplace(principal->name, account);
  return account;
}

bool Account::may_list(std::int64_t left) const {
  return lists < static_cast<std::size_t>(std::max<std::int64_t>(1, left / 3));
}

void Accounts::forget_unused() {
  std::erase_if(by_name_, [](const auto& entry) { return entry.second.use_count() == 1; });
  forget_at_ = std::max<std::size_t>(1024, 2 * by_name_.size());
}

}  // namespace toll::http
