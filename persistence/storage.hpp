// A data directory: the lock on it, the journal, the rows that follow it, and the threads that move
// both. Opening it recovers: rows are brought up to the journal's head before open() returns.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

#include "billing/clock_offset.hpp"
#include "billing/outage.hpp"
#include "billing/policy.hpp"
#include "persistence/journal.hpp"
#include "persistence/rows.hpp"
#include "persistence/tally.hpp"

namespace rocksdb {
class Env;
}

namespace toll::persistence {

/// One group that reached the disk, for metrics.
struct GroupWritten {
  std::size_t records = 0;
  std::size_t bytes = 0;
  double sync_seconds = 0;
};

/// Tables of the journal that a start left for later.
struct HistoryState {
  std::uint64_t tables_left = 0;  ///< to be checked
  std::uint64_t bytes_left = 0;   ///< of them
  std::uint64_t tables_damaged = 0;
};

/// What moves the time of a data directory.
enum class ClockKind : std::uint8_t { wall, test };

/// What the data directory takes, and what there is.
struct DiskState {
  std::uint64_t free_bytes = 0;
  std::uint64_t journal_bytes = 0;  ///< in tables; the newest few megabytes are in a log
};

struct StorageOptions {
  std::string directory;

  /// False in simulations: nothing moves until pump() is called, always in the same order.
  bool threads = true;

  /// The file system, null for the real one. Not owned; outlives the storage.
  rocksdb::Env* env = nullptr;

  /// Refuses a directory without a journal, instead of making one.
  bool existing = false;

  /// Whose time it is from now on: a directory in which another kind of clock made history is
  /// refused, unless it is adopted. None: nothing is decided about time.
  std::optional<ClockKind> clock;
  bool adopt_clock = false;

  /// Kept free for a start on a full disk, in a file that does nothing else; 0 for none.
  std::uint64_t ballast_bytes = 0;

  std::function<void(const GroupWritten&)> on_group = [](const GroupWritten&) {};

  /// While it is opened: the rows have been folded up to this record, of so many.
  std::function<void(billing::Seq, billing::Seq)> on_folded = [](billing::Seq, billing::Seq) {};

  /// An old table of the journal is damaged, with file and offset: found while the server runs.
  std::function<void(const std::string&)> on_damaged_history = [](const std::string&) {};
  /// All of them were checked, and this is what it came to.
  std::function<void(const HistoryState&)> on_history_checked = [](const HistoryState&) {};

  /// Called at the first write or sync error, with what failed; it must not return normally (tests
  /// throw, the server logs and exits): an fsync is never tried again.
  std::function<void(const std::string&)> on_broken_disk;

  /// Called when the directory was moved, removed or replaced under the server; the same holds.
  std::function<void(const std::string&)> on_directory_gone;
};

/// What opening found.
struct Recovered {
  std::string journal;                 ///< id of this history: new when a directory is made
  billing::Seq head = 0;               ///< last sequence number in the journal, 0 when new
  std::uint64_t torn_bytes = 0;        ///< dropped from the end of the write-ahead log
  std::uint64_t tables_checked = 0;    ///< before anything was opened
  std::uint64_t bytes_checked = 0;     ///< of them
  std::uint64_t bytes_to_check = 0;    ///< of older tables, while it runs
  bool ballast_given_up = false;       ///< the disk is full
  std::uint64_t records_replayed = 0;  ///< folded into rows at this start
  billing::Instant last_recorded = 0;  ///< the later of the newest record and the sign of life
  std::optional<billing::Instant> sign_of_life;
  std::optional<billing::ClockOffset> clock_offset;  ///< resumed, and not met since
  billing::Outages outages;  ///< one is under way if a recovery was itself cut off
  std::shared_ptr<billing::PolicyBook> policies;  ///< every recorded version, maybe none
};

/// The data directory cannot be used: in use, damaged (with file and offset), not writable. what()
/// is a sentence for the operator.
class StorageError : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Part of the journal cannot be read because a table of it is damaged. What the server decides
/// does not rest on it: who asks for it gets no answer, and everything else goes on.
class DamagedHistory : public StorageError {
  using StorageError::StorageError;
};

class Storage {
 public:
  /// Throws StorageError.
  static std::unique_ptr<Storage> open(StorageOptions options);
  virtual ~Storage() = default;  ///< stops the threads after what was appended is durable

  virtual const Recovered& recovered() const = 0;
  virtual HistoryState history() const = 0;
  virtual DiskState disk() const = 0;  ///< asks the file system
  virtual Tally tally() const = 0;     ///< of what came into the rows since it was opened
  virtual Journal& journal() = 0;

  /// Runs `read` once the rows are at or past `at_least`, which closes the materialiser's window.
  /// Reads run in the order in which they become possible, on a thread of their own: requests under
  /// way wait for them.
  virtual void read(billing::Seq at_least, std::function<void(const Rows&)> read) = 0;

  /// The same for lists, which may take long and hold up no read: of those whose lists are possible
  /// each has one run in turn, on another thread. Without threads they run after all reads.
  virtual void read_list(billing::Seq at_least, const std::string& whose,
                         std::function<void(const Rows&)> read) = 0;

  /// The rows themselves, for recovery, which runs before there is anything to wait for. From any
  /// thread; blocks on the disk.
  virtual const Rows& rows() const = 0;

  /// Durable before it returns; outside the numbered journal (rule 6). Left out on a full disk.
  /// Then the witness hears how far the journal is, and whether the directory is still there is
  /// looked at.
  virtual void record_sign_of_life(billing::Instant now) = 0;

  /// The sign of life alone: a test clock moves often, and where it is must not be forgotten.
  virtual void record_time(billing::Instant now) = 0;

  /// Waits until everything appended is durable and rows have caught up.
  virtual void flush() = 0;

  /// False below the low-water mark of free space: the door then refuses changes (disk_full), and
  /// boundaries wait.
  virtual bool has_room() const = 0;

  /// Whether there is room for what is done all the same. It is kept for that, and given up as it
  /// is needed. From any thread.
  virtual bool has_kept_room() = 0;

  /// Called about twice a second: room that was given up is kept again, once there is enough.
  virtual void keep_room() = 0;

  /// Without threads: writes one group if records wait, opens its gates, folds it into rows and
  /// runs the reads that became possible. Says whether there was anything to do.
  virtual bool pump() = 0;
};

}  // namespace toll::persistence
