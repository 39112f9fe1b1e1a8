// Where groups are kept: the seam behind which RocksDB can be replaced by a replicated engine.
#pragma once

#include <functional>
#include <string>

#include "billing/types.hpp"

namespace toll::persistence {

/// What became of a group that was to be written.
enum class Outcome {
  durable,  ///< on disk, on every copy that the engine promises
  fenced,   ///< not written: another owner has a higher epoch
  unknown,  ///< may or may not be there; the owner's term ends, the next owner finds out
};

/// Groups that can be read, whoever keeps them.
class JournalGroups {
 public:
  virtual ~JournalGroups() = default;

  /// Visits the groups in order, starting with the one that holds `from` (or the first one), until
  /// `visit` returns false. From any thread. Groups come as stored: the caller checks them.
  virtual void read(
      billing::Seq from,
      const std::function<bool(billing::Seq first, std::string_view group)>& visit) const = 0;
};

class JournalStore : public JournalGroups {
 public:
  /// Makes the caller the owner: everybody with a lower epoch is fenced from now on. Before
  /// reading: claim first, replay second.
  virtual std::uint64_t own() = 0;

  /// Writes one sealed group under its first sequence number, durably. One thread at a time.
  /// `error` says why it is not durable.
  virtual Outcome append(std::uint64_t epoch, billing::Seq first, const std::string& group,
                         std::string& error) = 0;

  /// The first sequence number of the last group, 0 when there is none.
  virtual billing::Seq last_group() const = 0;
};

}  // namespace toll::persistence
