// The witness: a small file beside the journal that knows its last durable record. A log that is
// gone, emptied or older looks like one that never had more; this tells the two apart. It is never
// ahead of what is durable. Two places of the file are written in turn and synced, so that a write
// that is cut short leaves the other one.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "persistence/disk_failure.hpp"
#include "persistence/recovery.hpp"

namespace rocksdb {
class Env;
class RandomRWFile;
}  // namespace rocksdb

namespace toll::persistence {

class ClosedJournal;

/// What the witness says.
struct Testimony {
  std::string journal;      ///< the id of this history: 32 hexadecimal digits
  JournalTail known;        ///< a record that was durable, the last one of its group
  billing::Instant at = 0;  ///< when the server lived that wrote this; 0: none has yet
  /// Another history begins after `known`, and its first record does not say so yet. This is the
  /// last record that was known of the one that was given up.
  std::optional<billing::Seq> given_up{};
};

/// Of a new history.
std::string new_journal_id();

/// None in the directory of an earlier version. Throws StorageError if it cannot be read.
std::optional<Testimony> read_witness(const std::string& directory, rocksdb::Env& env);

/// Makes or replaces the file as a whole, durably. Throws StorageError.
void replace_witness(const std::string& directory, rocksdb::Env& env, const Testimony& testimony);

/// Throws StorageError unless the journal has what the witness knows; says how to go on.
void need_witnessed(const std::string& directory, const JournalGroups& journal,
                    const Testimony& testimony);

/// The same of a directory whose databases are not open; its tables and logs have been checked, and
/// `journal` is the one in it. Changes nothing: what is missing can still be put back.
void check_witness(const std::string& directory, rocksdb::Env& env, const ClosedJournal& journal);

/// The witness of an open journal. One thread at a time.
class Witness {
 public:
  /// Makes it with `first` if there is none. Throws StorageError.
  Witness(const std::string& directory, rocksdb::Env& env, DiskFailure& failure,
          const Testimony& first);
  ~Witness();

  const Testimony& said() const { return said_; }

  /// The journal is durable up to `tail`, at this instant. Nothing is written when that is known.
  /// A failure is a broken disk.
  void record(const JournalTail& tail, billing::Instant at);

 private:
  const std::string directory_;
  const std::string path_;
  rocksdb::Env& env_;
  DiskFailure& failure_;
  Testimony said_;
  std::size_t next_ = 0;  ///< the place that is written next
  std::unique_ptr<rocksdb::RandomRWFile> file_;
};

}  // namespace toll::persistence
