// Outages: times in which the server did not do what fell due. What the boundaries in them cost is
// decided in decide.hpp. Source: docs/RULES.md, "Outages".
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "billing/types.hpp"

namespace toll::billing {

/// It lasts from after `since` until and with `until`.
struct Outage {
  Instant since = 0;
  Instant until = 0;
  bool operator==(const Outage&) const = default;
};

/// An operator's word about one outage: `bill`, as the downtime policy says however long it was;
/// `forgive`, none of it.
enum class OutageVerdict : std::uint8_t { bill, forgive };
std::string_view name(OutageVerdict verdict);
std::optional<OutageVerdict> parse_outage_verdict(std::string_view text);

/// The outage that is under way, if one is, and those before it that may count as one with it: of
/// more than `remembered` the oldest two become one, which can only make a cap hold longer.
struct Outages {
  static constexpr std::size_t remembered = 64;
  static constexpr Instant usual_max_ms = 24 * 3'600'000;

  std::vector<Outage> over;              ///< oldest first
  std::optional<Instant> since;          ///< of the one under way
  std::optional<OutageVerdict> verdict;  ///< about that one
  /// Boundaries so long after `since` are charged at most, without a verdict. Not on record: it is
  /// what this run of the server was told.
  Instant max_ms = usual_max_ms;

  /// One that is under way goes on. A server that was ready was up at that instant.
  void begin(Instant at);
  void judge(OutageVerdict said) {
    if (since) verdict = said;
  }
  void end(Instant at);

  bool operator==(const Outages&) const = default;
};

}  // namespace toll::billing
