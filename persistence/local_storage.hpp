// The storage of one process: which part runs on which thread.
//
//   journal thread       writes groups, opens gates          GroupJournal
//   materialiser thread  folds what is durable into rows      Materialiser
//   loads thread         reads what requests wait for         ReadQueue, RowsView
//   lists thread         reads pages of lists                 the same
//   history thread       checks old tables of the journal     HistoryCheck
//
// Without threads, pump() does the same steps in this order on the caller's thread.
#pragma once

#include <chrono>
#include <mutex>
#include <thread>

#include "persistence/beside.hpp"
#include "persistence/database.hpp"
#include "persistence/directory_lock.hpp"
#include "persistence/group_journal.hpp"
#include "persistence/history_check.hpp"
#include "persistence/materialiser.hpp"
#include "persistence/read_queue.hpp"
#include "persistence/rocks_journal_store.hpp"
#include "persistence/room.hpp"
#include "persistence/rows_view.hpp"
#include "persistence/witness.hpp"

namespace toll::persistence {

class LocalStorage final : public Storage {
 public:
  /// Opens and recovers. Throws StorageError.
  explicit LocalStorage(StorageOptions options);
  ~LocalStorage() override;

  const Recovered& recovered() const override { return recovered_; }
  HistoryState history() const override { return history_ ? history_->state() : HistoryState(); }
  Journal& journal() override { return *journal_; }
  void read(billing::Seq at_least, std::function<void(const Rows&)> read) override;
  void read_list(billing::Seq at_least, const std::string& whose,
                 std::function<void(const Rows&)> read) override;
  const Rows& rows() const override { return *rows_; }
  void record_sign_of_life(billing::Instant now) override;
  void record_time(billing::Instant now) override;
  void flush() override;
  DiskState disk() const override { return {room_->free(), database_->journal_bytes()}; }
  Tally tally() const override { return materialiser_->tally(); }
  bool has_room() const override { return room_->enough(journal_->last() - journal_->applied()); }
  bool has_kept_room() override;
  void keep_room() override;
  bool pump() override;

 private:
  void prepare_directory();
  void recover();
  void fold_to(billing::Seq head);
  void finish_giving_up();
  Beside beside() const;
  void take_clock();
  void start_threads();
  void stop_threads();

  void run_journal();
  void run_materialiser();
  void run_reads(ReadQueue::Kind kind, const char* thread_name);

  /// Waits until there is something to fold or the window must be closed; false at the end.
  bool wait_for_records();
  void wake_materialiser();
  void fold();
  void close_window();
  void run(const Read& read);
  [[noreturn]] void directory_gone();

  const StorageOptions options_;
  rocksdb::Env* const env_;
  Recovered recovered_;
  DiskFailure failure_;
  std::unique_ptr<DirectoryLock> lock_;
  std::unique_ptr<Database> database_;
  std::unique_ptr<RocksJournalStore> store_;
  std::unique_ptr<Materialiser> materialiser_;
  std::unique_ptr<GroupJournal> journal_;
  std::unique_ptr<Witness> witness_;
  std::unique_ptr<RowsView> rows_;
  std::unique_ptr<ReadQueue> reads_;
  std::unique_ptr<Room> room_;
  std::mutex ballast_mutex_;

  std::mutex mutex_;  ///< only for waking the materialiser
  std::condition_variable wake_materialiser_;
  bool journal_done_ = false;
  std::atomic<billing::Seq> wake_at_{0};  ///< the durable record that is worth waking it for
  std::chrono::steady_clock::time_point window_opened_;
  std::thread journal_thread_;
  std::thread materialiser_thread_;
  std::thread loads_thread_;
  std::thread lists_thread_;
  std::optional<HistoryCheck> history_;
};

}  // namespace toll::persistence
