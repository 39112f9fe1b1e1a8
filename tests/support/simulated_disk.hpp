// The disk of a simulated server, from one start to the next: its syncs can be made to fail, and
// when the server is gone it can lose what was not synced.
#pragma once

#include <cstddef>
#include <memory>

namespace rocksdb {
class Env;
}

namespace toll::tests {

/// What of the bytes that were written and not synced survives the end of a server: all of them
/// when only the process dies; none, or half of each file's, when the power goes out.
enum class Unsynced { kept, lost, torn };

class SimulatedDisk {
 public:
  SimulatedDisk();
  ~SimulatedDisk();

  rocksdb::Env* env() const;

  /// The n-th sync of this thread from now on fails, and everything after it; 0: none does.
  void fail_at_sync(std::size_t n);
  bool failed() const;

  /// Nothing more reaches the disk.
  void stop();
  /// Called when nobody uses the files any more.
  void leave(Unsynced unsynced);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace toll::tests
