// The journal of a data directory that a server may be using at the moment. Nothing is written
// there, and no lock is taken.
#pragma once

#include <memory>
#include <optional>

#include "persistence/beside.hpp"
#include "persistence/journal_store.hpp"
#include "persistence/witness.hpp"

namespace toll::persistence {

class LiveJournal final : public JournalGroups {
 public:
  /// Sees everything that was acknowledged before, and only what is durable: it syncs the logs that
  /// it read. Throws StorageError. While it is being made files may come and go: then it cannot be
  /// made, or a group misses, which shows in the chain; another try will do. Every byte of every
  /// table with groups that begin after `after` is checked.
  explicit LiveJournal(const std::string& directory, billing::Seq after = 0);
  ~LiveJournal() override;
  LiveJournal(const LiveJournal&) = delete;
  LiveJournal& operator=(const LiveJournal&) = delete;

  void read(billing::Seq from,
            const std::function<bool(billing::Seq, std::string_view)>& visit) const override;

  Beside beside() const;

  /// What the witness knew before the journal was read.
  const std::optional<Testimony>& witness() const;

  /// Throws StorageError if this journal lacks some of that.
  void need_witnessed() const;

 private:
  struct View;
  std::unique_ptr<View> view_;
};

}  // namespace toll::persistence
