// The journal: gathers records into groups, writes one group at a time, and opens the gates of
// those who wait for it. While a group is being synced the next one gathers; there is no timer.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <vector>

#include "persistence/disk_failure.hpp"
#include "persistence/group.hpp"
#include "persistence/journal.hpp"
#include "persistence/journal_store.hpp"
#include "persistence/recovery.hpp"
#include "persistence/storage.hpp"

namespace toll::persistence {

/// A group is closed when the next record would make it longer than this.
inline constexpr std::size_t max_group_bytes = 1u << 20;

class GroupJournal final : public Journal {
 public:
  /// Continues after record `head`, whose group has the digest `tail`. References outlive it;
  /// `applied` is the materialiser's mark.
  GroupJournal(JournalStore& store, DiskFailure& failure, const std::atomic<billing::Seq>& applied,
               billing::Seq head, const Digest& tail,
               std::function<void(const GroupWritten&)> on_group);

  billing::Seq append(billing::Instant at, const billing::Fact& fact,
                      const billing::Cause* cause = nullptr) override;
  billing::Seq append_all(billing::Instant at, const std::vector<billing::Fact>& facts,
                          const billing::Cause* cause = nullptr) override;
  billing::Seq last() const override { return last_.load(); }
  billing::Seq durable() const override { return durable_.load(); }
  billing::Seq applied() const override { return applied_.load(); }
  void when_durable(billing::Seq seq, WaiterPtr waiter) override;
  void when_beyond(billing::Seq after, WaiterPtr waiter) override;

  /// The last group that is on disk.
  JournalTail durable_tail() const;

  /// The group being written included.
  std::size_t waiting_bytes() const override { return waiting_bytes_.load(); }
  std::int64_t writing_ms() const override;

  /// Writes the oldest group and opens its gates. False if nothing waits. One thread at a time.
  bool write_group();

  /// Waits until something waits to be written; false once stop() was called and nothing is left.
  bool wait();
  void stop();

 private:
  struct Pending {
    GroupBuilder group;
    std::vector<WaiterPtr> waiters;
    bool closed = false;  ///< being written: its bytes may not change any more
  };

  /// Adds encoded records to one group under the mutex.
  billing::Seq add(const std::string* bodies, std::size_t count);
  Pending& gathering(std::size_t bytes);

  JournalStore& store_;
  DiskFailure& failure_;
  const std::atomic<billing::Seq>& applied_;
  const std::function<void(const GroupWritten&)> on_group_;
  std::uint64_t epoch_ = 0;
  Digest tail_;

  mutable std::mutex mutex_;  ///< everything below; the marks are read without it
  std::condition_variable wake_;
  std::deque<Pending> pending_;
  std::vector<std::pair<billing::Seq, WaiterPtr>> followers_;
  std::string spare_;  ///< the last group's memory, for the next one
  Digest durable_digest_;
  bool idle_ = false;
  bool stopping_ = false;
  std::atomic<billing::Seq> last_;
  std::atomic<billing::Seq> durable_;
  std::atomic<std::size_t> waiting_bytes_{0};
  std::atomic<std::int64_t> writing_since_ms_{0};  ///< steady; 0: the disk has nothing to write
};

}  // namespace toll::persistence
