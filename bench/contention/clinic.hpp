// An engine in this process, on a real disk, with every session of the work live: each has a
// patient and a doctor of its own. Its clock stands still until a round is over.
#pragma once

#include <atomic>
#include <filesystem>
#include <memory>

#include "actors/engine.hpp"
#include "bench/common/books.hpp"
#include "bench/common/shape.hpp"

namespace toll::bench {

std::string session_id(std::size_t number);
/// What session_id() and the names of its patient and doctor end in.
std::size_t number_of(const std::string& id);

/// What the journal thread wrote.
struct Written {
  std::atomic<std::uint64_t> groups{0};
  std::atomic<std::uint64_t> bytes{0};
};

class Clinic {
 public:
  /// Opens or reopens the directory, at the last recorded time or at this one, if it is later.
  Clinic(const std::filesystem::path& directory, std::size_t threads,
         std::int64_t intervals_since_start = 0);

  /// Grants, starts and activates everything. Throws std::runtime_error if anything is refused.
  void fill(const Work& work);

  actors::Engine& engine() { return *engine_; }
  const Written& written() const { return written_; }

  /// Moves the clock on by one interval. Returns once requests see the new time; it may not be on
  /// disk yet.
  void next_round();

  /// Waits while the rows are as far behind as the door would refuse requests for.
  void hold_back() const;

  /// Waits until the rows show everything.
  void catch_up();

 private:
  Written written_;
  std::unique_ptr<actors::Engine> engine_;
};

/// Opens the directory with the server's own settings and waits until RocksDB has compacted what it
/// wants to compact. No engine may be running on it.
void finish_compaction(const std::filesystem::path& directory);

}  // namespace toll::bench
