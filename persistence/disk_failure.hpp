// A broken disk ends the process: an fsync that failed once is never tried again, because the
// kernel may have dropped the pages and the second one would lie.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <string>

namespace toll::persistence {

class DiskFailure {
 public:
  /// `handler` must not return normally. `deferred`: an error on one of RocksDB's own threads waits
  /// for raise_noted(), because nothing may be thrown through RocksDB.
  DiskFailure(std::function<void(const std::string&)> handler, bool deferred);

  /// Reports what failed; does not return.
  [[noreturn]] void raise(const std::string& message);

  /// The same, from inside RocksDB.
  void note(const std::string& message);
  void raise_noted();

  bool failed() const { return failed_.load(); }

 private:
  std::function<void(const std::string&)> handler_;
  const bool deferred_;
  std::atomic<bool> failed_{false};
  std::mutex mutex_;
  std::string noted_;
};

}  // namespace toll::persistence
