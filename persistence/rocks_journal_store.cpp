#include "persistence/rocks_journal_store.hpp"

#include "persistence/format.hpp"
#include "persistence/group.hpp"
#include "persistence/storage.hpp"

namespace toll::persistence {

namespace {

billing::Seq seq_of(const rocksdb::Slice& key) {
  const auto seq = parse_group_key({key.data(), key.size()});
  if (!seq) throw StorageError("the journal has a key that is no sequence number");
  return *seq;
}

}  // namespace

std::uint64_t RocksJournalStore::own() {
  std::string stored;
  Epoch epoch;
  if (database_.get(format::epoch_key, stored) && !decode(stored, epoch)) {
    throw StorageError("the epoch cannot be read");
  }
  ++epoch.number;
  database_.put_synced(format::epoch_key, encode(epoch));
  return epoch_ = epoch.number;
}

Outcome RocksJournalStore::append(std::uint64_t epoch, billing::Seq first, const std::string& group,
                                  std::string& error) {
  if (epoch != epoch_) {
    error = "another owner has a higher epoch";
    return Outcome::fenced;
  }
  rocksdb::WriteOptions options;
  options.sync = true;
  const rocksdb::Status status =
      database_.db().Put(options, database_.journal(), group_key(first), group);
  if (status.ok()) return Outcome::durable;
  error = "writing the journal: " + status.ToString();
  return Outcome::unknown;
}

void RocksJournalStore::read(
    billing::Seq from, const std::function<bool(billing::Seq, std::string_view)>& visit) const {
  const rocksdb::Status status = each_group(database_.db(), database_.journal(), from, visit);
  if (status.IsCorruption()) {
    throw DamagedHistory("the journal is damaged: " + status.ToString());
  }
  database_.check(status, "reading the journal");
}

billing::Seq RocksJournalStore::last_group() const {
  const std::unique_ptr<rocksdb::Iterator> groups(
      database_.db().NewIterator({}, database_.journal()));
  groups->SeekToLast();
  database_.check(groups->status(), "reading the journal");
  return groups->Valid() ? seq_of(groups->key()) : 0;
}

}  // namespace toll::persistence
