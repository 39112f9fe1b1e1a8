// The rows as the last good verification found them, kept beside those that are in use: the next
// one can begin with them. They are links to the same tables, so they take room only as far as the
// rows have been written anew since. Their mark has the digest of the record that they are at, and
// so says of which journal they are.
#pragma once

#include <optional>

#include "persistence/glance.hpp"
#include "persistence/row_scan.hpp"

namespace toll::persistence {

class VerifiedRows {
 public:
  /// Null if none are kept, of this format. What RocksDB does not check when it reads them, is
  /// checked. Throws StorageError.
  static std::unique_ptr<VerifiedRows> open(const std::string& directory);

  /// Keeps the rows of this directory, which nobody has open for writing, instead of those kept
  /// before, and what a look at all of them came to. Throws StorageError, or what the file system
  /// says; none are kept then.
  static void keep(const std::string& directory, const RowHash& hash, const RowScan& found);

  /// Those of every format.
  static void remove(const std::string& directory);

  const Mark& mark() const { return found_.mark; }
  const RowHash& hash() const { return hash_; }

  /// What a look at all of them would come to at an instant: which kept answers have expired.
  /// Throws StorageError.
  RowScan scan(billing::Instant now) const;

  /// As they were; nothing for those that came later. From any thread.
  std::optional<billing::Session> session(const std::string& id) const;
  std::optional<billing::Subscription> subscription(const std::string& id) const;
  std::optional<billing::Doctor> doctor(const std::string& id) const;
  std::optional<billing::Withdrawal> withdrawal(const std::string& id) const;

  /// In their order.
  std::vector<std::pair<std::uint32_t, billing::Policy>> policies() const;

 private:
  VerifiedRows(const std::string& path, std::uint64_t key, const RowSums& sums);
  template <class Entity>
  std::optional<Entity> find(char letter, const std::string& id) const;

  const Glance rows_;
  const RowHash hash_;
  RowScan found_;  ///< mark and sums
};

}  // namespace toll::persistence
