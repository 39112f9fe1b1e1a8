// Makes a data directory with a long history, through the persistence room: consultations one after
// another over two years, as a server would have recorded them, without the two years.
#pragma once

#include <cstdint>
#include <string>

namespace toll::bench {

struct History {
  std::uint64_t sessions = 20'000;
  std::uint64_t subscriptions = 2'000;
  std::uint64_t charges = 1;  ///< boundaries of each session
  /// Units of each session that are given back, not more than it was charged: in records of 4 KB,
  /// which make a long history of few rows.
  std::uint64_t refunds = 0;
};

struct Made {
  std::uint64_t records = 0;
  std::uint64_t journal_bytes = 0;  ///< of groups, as they are before compression
  std::int64_t units = 0;
};

/// Into `directory`, which is not there yet. A hundredth of the sessions is refunded later, a tenth
/// ended by a request with a key, and each doctor withdraws now and then.
Made make_history(const std::string& directory, const History& history);

}  // namespace toll::bench
