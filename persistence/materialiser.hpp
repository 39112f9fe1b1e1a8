// The materialiser: folds durable records into rows, a window of them at a time, so that an entity
// that changes a thousand times in a window is written once. It has no thread of its own.
#pragma once

#include <atomic>

#include "billing/policy.hpp"
#include "persistence/database.hpp"
#include "persistence/entity_cache.hpp"
#include "persistence/format.hpp"
#include "persistence/journal_store.hpp"
#include "persistence/kept_answers.hpp"

namespace toll::persistence {

class Materialiser {
 public:
  /// Starts at the mark in the rows. References outlive it. Throws StorageError if the rows cannot
  /// be read.
  Materialiser(Database& database, const JournalStore& journal);

  const Mark& mark() const { return mark_; }  ///< what is folded, the open window included
  bool window_open() const { return mark_.applied != applied_.load(); }
  bool window_full() const;

  /// What the rows show; the one thing that other threads may read.
  const std::atomic<billing::Seq>& applied() const { return applied_; }

  /// Folds the groups after the mark up to the durable record `until`, or until the window is full.
  void fold_until(billing::Seq until);

  /// Writes the window and its mark as one batch.
  void close_window();

 private:
  friend class MaterialiserWorld;

  void write_sessions(rocksdb::WriteBatch& batch);
  void write_policies(rocksdb::WriteBatch& batch);

  Database& database_;
  const JournalStore& journal_;
  Mark mark_;
  std::atomic<billing::Seq> applied_{0};
  EntityCache<billing::Session> sessions_;
  EntityCache<billing::Subscription> subscriptions_;
  EntityCache<billing::Doctor> doctors_;
  EntityCache<billing::Withdrawal> withdrawals_;
  KeptAnswers kept_;
  std::vector<std::pair<std::uint32_t, billing::Policy>> policies_;
  std::size_t postings_ = 0;
};

}  // namespace toll::persistence
