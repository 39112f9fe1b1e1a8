#include "billing/policy.hpp"

#include "billing/assert.hpp"

namespace toll::billing {

Money Policy::rate(Currency currency, Channel channel) const {
  const auto found = rates.find(currency);
  TOLL_ASSERT(found != rates.end());
  return {found->second[index(channel)], currency};
}

const Policy& PolicyBook::at(std::uint32_t version) const {
  TOLL_ASSERT(version >= 1 && version <= versions_.size());
  return versions_[version - 1];
}

}  // namespace toll::billing
