// The rows of kept answers: written with the window that they were folded in, and deleted when they
// have expired, oldest first through an index by time, so that expiry never scans what it keeps.
#pragma once

#include <rocksdb/write_batch.h>

#include "persistence/database.hpp"
#include "persistence/kept_answer.hpp"

namespace toll::persistence {

class KeptAnswers {
 public:
  explicit KeptAnswers(Database& database) : database_(database) {}

  void add(KeptAnswer&& kept) { window_.push_back(std::move(kept)); }
  std::size_t in_window() const { return window_.size(); }

  /// Adds the window's rows to `batch`, and the deletion of answers that have expired at `now`:
  /// more of them than are new, so that a backlog shrinks. The window is empty afterwards.
  void write(rocksdb::WriteBatch& batch, billing::Instant now);

 private:
  void expire(rocksdb::WriteBatch& batch, billing::Instant now, std::size_t most);

  Database& database_;
  std::vector<KeptAnswer> window_;
  billing::Instant next_expiry_ =
      0;  ///< nothing expires before: the index is left alone until then
};

}  // namespace toll::persistence
