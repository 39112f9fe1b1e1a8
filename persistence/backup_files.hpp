// A backup as it lies on disk: the journal as files that never change, and one small file, BACKUP,
// that says which of them count. What BACKUP does not name is of a backup that was cut short.
#pragma once

#include <optional>
#include <vector>

#include "persistence/beside.hpp"
#include "persistence/journal_store.hpp"
#include "persistence/recovery.hpp"

namespace toll::persistence {

/// Groups one after another, as they are in the journal: FIRST.groups, the number with 20 digits.
struct Segment {
  billing::Seq first = 0;
  billing::Seq last = 0;
  std::uint64_t bytes = 0;
  std::string name() const;
};

struct BackupFiles {
  JournalTail tail;  ///< the last record that counts, and the digest of its group
  Beside beside;
  std::vector<Segment> segments;  ///< oldest first

  static bool exist(const std::string& directory);

  /// Throws StorageError if there is no BACKUP, or it is not what was written.
  static BackupFiles load(const std::string& directory);

  /// Replaces BACKUP, durably.
  void save(const std::string& directory) const;
};

class BackupJournal final : public JournalGroups {
 public:
  explicit BackupJournal(std::string directory)
      : BackupJournal(directory, BackupFiles::load(directory)) {}
  BackupJournal(std::string directory, BackupFiles files)
      : directory_(std::move(directory)), files_(std::move(files)) {}

  const BackupFiles& files() const { return files_; }

  /// Throws StorageError for a file that is missing or of another length.
  void read(billing::Seq from,
            const std::function<bool(billing::Seq, std::string_view)>& visit) const override;

 private:
  const std::string directory_;
  const BackupFiles files_;
};

/// The file of tokens, if there is one.
void copy_tokens(const std::string& from, const std::string& to);

}  // namespace toll::persistence
