#include "billing/outage.hpp"

#include <algorithm>
#include <array>

namespace toll::billing {

namespace {

constexpr std::array<std::string_view, 2> verdict_names{"bill", "forgive"};

}  // namespace

std::string_view name(OutageVerdict verdict) {
  return verdict_names[static_cast<std::size_t>(verdict)];
}

std::optional<OutageVerdict> parse_outage_verdict(std::string_view text) {
  for (const OutageVerdict verdict : {OutageVerdict::bill, OutageVerdict::forgive}) {
    if (text == name(verdict)) return verdict;
  }
  return std::nullopt;
}

void Outages::begin(Instant at) {
  if (since) return;
  since = over.empty() ? at : std::max(at, over.back().until);
}

void Outages::end(Instant at) {
  if (!since) return;
  over.push_back({*since, std::max(at, *since)});
  since.reset();
  verdict.reset();
  if (over.size() <= remembered) return;
  over[1].since = over[0].since;
  over.erase(over.begin());
}

}  // namespace toll::billing
