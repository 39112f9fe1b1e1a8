#include "billing/facts.hpp"

#include <array>

namespace toll::billing {

std::string_view name(const Fact& fact) {
  static constexpr std::array<std::string_view, std::variant_size_v<Fact>> names{
      "granted",         "changed",      "topped_up", "doctor_registered", "created",
      "deadline_set",    "activated",    "charged",   "forgiven",          "ended",
      "policy_recorded", "outage_began", "ready"};
  if (const auto* ended = std::get_if<Ended>(&fact)) return name(ended->status);
  return names[fact.index()];
}

}  // namespace toll::billing
