#include "persistence/kept_answers.hpp"

#include <limits>
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
  if (now >= next_expiry_) expire(batch, now, usual_deletions + 2 * window_.size());
  for (const KeptAnswer& kept : window_) {
    batch.Put(keys::kept(kept.cause.key), encode(kept));
    batch.Put(keys::expiry(kept.at, kept.cause.key), "");
    next_expiry_ = std::min(next_expiry_, kept.at + kept_for_ms);
  }
  window_.clear();
}

void KeptAnswers::expire(rocksdb::WriteBatch& batch, billing::Instant now, std::size_t most) {
  const std::string first = keys::row(format::expiry_index);
  const std::string end = keys::end_of(first);
  const rocksdb::Slice bound(end);
  rocksdb::ReadOptions options;
  options.iterate_upper_bound = &bound;
  const std::unique_ptr<rocksdb::Iterator> index(database_.rows().NewIterator(options));
  next_expiry_ = std::numeric_limits<billing::Instant>::max();
  for (index->Seek(first); index->Valid(); index->Next(), --most) {
    const std::string_view place(index->key().data(), index->key().size());
    const auto key = keys::kept_in(place);
    TOLL_ASSERT(key);
    const auto at = static_cast<billing::Instant>(*keys::seq_after(place.substr(0, 9), 1));
    if (now < at + kept_for_ms || most == 0) {
      next_expiry_ = at + kept_for_ms;
      break;
    }
    batch.Delete(index->key());
    // The key may have been used again since: then its row belongs to a later place.
    std::string value;
    KeptAnswer kept;
    if (!database_.get_row(keys::kept(*key), value)) continue;
    TOLL_ASSERT(decode(value, kept));
    if (kept.at == at) batch.Delete(keys::kept(*key));
  }
  database_.check(index->status(), "reading rows");
}

}  // namespace toll::persistence
