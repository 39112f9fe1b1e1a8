// The materialiser: folds durable records into rows, a window of them at a time, so that an entity
// that changes a thousand times in a window is written once. It has no thread of its own.
#pragma once

#include <atomic>
#include <mutex>

#include "billing/policy.hpp"
#include "persistence/database.hpp"
#include "persistence/format.hpp"
#include "persistence/journal_store.hpp"
#include "persistence/kept_answers.hpp"
#include "persistence/tally.hpp"
#include "persistence/window.hpp"

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

  /// Of the windows that were closed since the last call of count_from_here(). From any thread.
  Tally tally() const;
  void count_from_here();

  /// Folds the groups after the mark up to the durable record `until`, or until the window is full.
  void fold_until(billing::Seq until);

  /// Writes the window and its mark as one batch.
  void close_window();

 private:
  friend class MaterialiserWorld;

  template <class Entity>
  bool load(char letter, Change<Entity>& change);
  template <class Entity>
  void write_rows(rocksdb::WriteBatch& batch, char letter, Window<Entity>& window);
  static void list(rocksdb::WriteBatch& batch, const Change<billing::Session>& change);
  void write_policies(rocksdb::WriteBatch& batch);

  Database& database_;
  const JournalStore& journal_;
  Mark mark_;
  std::atomic<billing::Seq> applied_{0};
  Window<billing::Session> sessions_;
  Window<billing::Subscription> subscriptions_;
  Window<billing::Doctor> doctors_;
  Window<billing::Withdrawal> withdrawals_;
  KeptAnswers kept_;
  std::vector<std::pair<std::uint32_t, billing::Policy>> policies_;
  Tally window_tally_;
  mutable std::mutex tally_mutex_;
  Tally tally_;
  std::size_t whole_ = 0;   ///< entities of the window that are there whole
  std::size_t places_ = 0;  ///< statement lines and wallet entries of the window
};

}  // namespace toll::persistence
