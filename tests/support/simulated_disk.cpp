#include "tests/support/simulated_disk.hpp"

#include <thread>

#include "tests/support/power_cut_fs.hpp"

namespace toll::tests {

using test::PowerCutFileSystem;

/// Only syncs of its maker's thread are counted: those of RocksDB's own come when they like.
struct SimulatedDisk::Parts {
  std::shared_ptr<PowerCutFileSystem> files = std::make_shared<PowerCutFileSystem>();
  std::unique_ptr<rocksdb::Env> env = test::environment(files);
  const std::thread::id maker = std::this_thread::get_id();
  std::size_t syncs_left = 0;

  Parts() {
    files->before_sync = [this] {
      if (std::this_thread::get_id() != maker || syncs_left == 0) return;
      if (--syncs_left == 0) files->cut_now();
    };
  }
};

SimulatedDisk::SimulatedDisk() : parts_(std::make_unique<Parts>()) {}
SimulatedDisk::~SimulatedDisk() = default;

rocksdb::Env* SimulatedDisk::env() const { return parts_->env.get(); }
void SimulatedDisk::fail_at_sync(std::size_t n) { parts_->syncs_left = n; }
bool SimulatedDisk::failed() const { return parts_->files->cut(); }
void SimulatedDisk::stop() { parts_->files->cut_now(); }

void SimulatedDisk::leave(Unsynced unsynced) {
  if (unsynced == Unsynced::kept) return;
  parts_->files->leave(unsynced == Unsynced::torn ? PowerCutFileSystem::Leftover::half
                                                  : PowerCutFileSystem::Leftover::none);
}

}  // namespace toll::tests
