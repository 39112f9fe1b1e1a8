// The journal of a directory whose databases are not open, as it lies there. What RocksDB parses of
// it to open it must have been checked. Changes nothing.
#pragma once

#include <optional>

#include "persistence/glance.hpp"
#include "persistence/journal_store.hpp"

namespace toll::persistence {

class ClosedJournal final : public JournalGroups {
 public:
  /// Opens it when it is first asked for something. `env` outlives it.
  ClosedJournal(const std::string& directory, rocksdb::Env& env)
      : directory_(directory), env_(env) {}

  void read(billing::Seq from,
            const std::function<bool(billing::Seq, std::string_view)>& visit) const override;

  /// Its files, in the order of what is in them.
  std::vector<rocksdb::LiveFileMetaData> tables() const;

 private:
  const Glance& opened() const;

  const std::string directory_;
  rocksdb::Env& env_;
  mutable std::optional<Glance> glance_;
};

}  // namespace toll::persistence
