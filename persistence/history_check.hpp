// Old tables of the journal, which a start leaves for later: their bytes are compared with the
// checksums in the manifest while the server runs, slowly, by a thread of its own. Damage there is
// an alarm and no end: nothing that the server decides rests on what is in them.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "persistence/storage.hpp"
#include "persistence/table_checksums.hpp"

namespace toll::persistence {

/// Checks them on a thread, from the construction on; the destructor ends it wherever it is.
class HistoryCheck {
 public:
  /// The callbacks of `options` are called on that thread. `options` and `env` outlive it.
  HistoryCheck(const StorageOptions& options, std::vector<TableFile> tables, rocksdb::Env& env);
  ~HistoryCheck();
  HistoryCheck(const HistoryCheck&) = delete;
  HistoryCheck& operator=(const HistoryCheck&) = delete;

  HistoryState state() const;  ///< from any thread

 private:
  void run();
  void check(const TableFile& table);
  void damaged(const std::string& what);
  /// Waits as long as reading so much should take; false when it is to end.
  bool pace(std::size_t bytes);

  const StorageOptions& options_;
  const std::vector<TableFile> tables_;
  rocksdb::Env& env_;
  mutable std::mutex mutex_;  ///< what follows
  std::condition_variable wake_;
  bool stopping_ = false;
  HistoryState state_;
  std::thread thread_;
};

/// Remembers in the directory that its history is damaged, for `tollctl backup`, which refuses
/// then; until a later check finds nothing.
void note_damaged_history(const std::string& directory, const std::string& what);
void forget_damaged_history(const std::string& directory);
std::optional<std::string> noted_damaged_history(const std::string& directory);

}  // namespace toll::persistence
