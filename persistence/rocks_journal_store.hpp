// The journal in RocksDB: one synced write for each group. The lock on the directory keeps other
// owners out, so that the epoch only counts the starts.
#pragma once

#include "persistence/database.hpp"
#include "persistence/journal_store.hpp"

namespace toll::persistence {

class RocksJournalStore final : public JournalStore {
 public:
  explicit RocksJournalStore(Database& database) : database_(database) {}

  std::uint64_t own() override;
  Outcome append(std::uint64_t epoch, billing::Seq first, const std::string& group,
                 std::string& error) override;
  /// Throws DamagedHistory where a group is not what was written.
  void read(billing::Seq from,
            const std::function<bool(billing::Seq, std::string_view)>& visit) const override;
  billing::Seq last_group() const override;

 private:
  Database& database_;
  std::uint64_t epoch_ = 0;
};

}  // namespace toll::persistence
