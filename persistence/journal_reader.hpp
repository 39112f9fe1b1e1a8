// Reading single records and runs of records back from the journal.
#pragma once

#include <functional>
#include <string>

#include "billing/facts.hpp"
#include "persistence/journal_store.hpp"

namespace toll::persistence {

class JournalReader {
 public:
  explicit JournalReader(const JournalGroups& store) : store_(store) {}

  /// A record that is known to be there. Neighbours in one group cost one read of the store.
  billing::Record record(billing::Seq seq);

  /// Every record from `from` on, until `visit` returns false.
  void each(billing::Seq from, const std::function<bool(billing::Record&&)>& visit) const;

 private:
  const JournalGroups& store_;
  std::string group_;  ///< the one read last
};

}  // namespace toll::persistence
