#include "persistence/tally.hpp"

namespace toll::persistence {

void Tally::count(const billing::Fact& fact) {
  const auto earn = [this](const billing::Money& pay) {
    if (pay.amount == 0) return;
    std::int64_t& earned = money[pay.currency].earned;
    earned = billing::checked_add(earned, pay.amount);
  };
  if (const auto* charged = std::get_if<billing::Charged>(&fact)) {
    earn(charged->pay);
  } else if (const auto* over = std::get_if<billing::Ended>(&fact)) {
    ++ended[static_cast<std::size_t>(over->end_reason)];
    earn(over->pay);
  } else if (const auto* back = std::get_if<billing::Refunded>(&fact)) {
    std::int64_t& refunded = money[back->pay.currency].refunded;
    refunded = billing::checked_add(refunded, back->pay.amount);
  }
}

void Tally::add(const Tally& other) {
  for (std::size_t i = 0; i < ended.size(); ++i) ended[i] += other.ended[i];
  for (const auto& [currency, sums] : other.money) {
    Sums& mine = money[currency];
    mine.earned = billing::checked_add(mine.earned, sums.earned);
    mine.refunded = billing::checked_add(mine.refunded, sums.refunded);
  }
}

}  // namespace toll::persistence
