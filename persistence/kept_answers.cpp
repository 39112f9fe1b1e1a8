#include "persistence/kept_answers.hpp"

#include <memory>

#include "billing/assert.hpp"
#include "persistence/format.hpp"
#include "persistence/keys.hpp"

namespace toll::persistence {

namespace {

/// Answers deleted with a window that adds none.
constexpr std::size_t usual_deletions = 1024;

}  // namespace

void KeptAnswers::write(rocksdb::WriteBatch& batch, billing::Instant now) {
  expire(batch, now, usual_deletions + 2 * window_.size());
  for (const KeptAnswer& kept : window_) {
    batch.Put(database_.rows(), keys::kept(kept.cause.key), encode(kept));
    batch.Put(database_.rows(), keys::expiry(kept.at, kept.cause.key), "");
  }
  window_.clear();
}

void KeptAnswers::expire(rocksdb::WriteBatch& batch, billing::Instant now, std::size_t most) {
  if (now < kept_for_ms) return;
  const std::string end = keys::expiry(now - kept_for_ms + 1, {});
  const rocksdb::Slice bound(end);
  rocksdb::ReadOptions options;
  options.iterate_upper_bound = &bound;
  const std::unique_ptr<rocksdb::Iterator> index(
      database_.db().NewIterator(options, database_.rows()));
  index->Seek(keys::row(format::expiry_index));
  for (; index->Valid() && most > 0; index->Next(), --most) {
    const std::string_view place(index->key().data(), index->key().size());
    const auto key = keys::kept_in(place);
    TOLL_ASSERT(key);
    batch.Delete(database_.rows(), index->key());
    // The key may have been used again since: then its row belongs to a later place.
    std::string value;
    KeptAnswer kept;
    if (!database_.get(database_.rows(), keys::kept(*key), value)) continue;
    TOLL_ASSERT(decode(value, kept));
    if (keys::expiry(kept.at, *key) == place) batch.Delete(database_.rows(), keys::kept(*key));
  }
  database_.check(index->status(), "reading rows");
}

}  // namespace toll::persistence
