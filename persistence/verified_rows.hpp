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
  /// Null if none are kept, of this format. Checks every byte. Throws StorageError.
  static std::unique_ptr<VerifiedRows> open(const std::string& directory);

  /// Keeps the rows of this directory, which nobody has open for writing, instead of those kept
  /// before. Throws StorageError, or what the file system says; none are kept then.
  static void keep(const std::string& directory);

  /// Those of every format.
  static void remove(const std::string& directory);

  const Mark& mark() const { return mark_; }

  /// At an instant: which kept answers have expired. Throws StorageError.
  RowScan scan(const RowHash& hash, billing::Instant now) const;

  /// As they were; nothing for those that came later. From any thread. Throws StorageError.
  std::optional<billing::Session> session(const std::string& id) const;
  std::optional<billing::Subscription> subscription(const std::string& id) const;
  std::optional<billing::Doctor> doctor(const std::string& id) const;
  std::optional<billing::Withdrawal> withdrawal(const std::string& id) const;

  /// In their order.
  std::vector<std::pair<std::uint32_t, billing::Policy>> policies() const;

 private:
  explicit VerifiedRows(const std::string& path);
  template <class Entity>
  std::optional<Entity> find(char letter, const std::string& id) const;

  const std::string path_;
  const Glance rows_;
  Mark mark_;
};

}  // namespace toll::persistence
