#include "tests/billing/objection.hpp"

#include "billing/invariants.hpp"

namespace toll::tests {

std::string objection(const PolicyBook& policies, const std::vector<Record>& records,
                      const World& folded) {
  Books books;
  for (std::uint32_t v = 1; v <= policies.current_version(); ++v) {
    if (auto wrong = books.add({0, t0, PolicyRecorded{v, policies.at(v)}})) return *wrong;
  }
  for (const Record& record : records) {
    if (auto wrong = books.add(record)) return *wrong;
  }
  for (const auto& [id, session] : folded.sessions) {
    if (auto wrong = books.compare(session)) return *wrong;
  }
  for (const auto& [id, subscription] : folded.subscriptions) {
    if (auto wrong = books.compare(subscription)) return *wrong;
  }
  for (const auto& [id, doctor] : folded.doctors) {
    if (auto wrong = books.compare(doctor)) return *wrong;
  }
  for (const auto& [id, withdrawal] : folded.withdrawals) {
    if (auto wrong = books.compare(withdrawal)) return *wrong;
  }
  return books.compare_totals().value_or("");
}

}  // namespace toll::tests
