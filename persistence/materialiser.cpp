#include "persistence/materialiser.hpp"

#include <rocksdb/write_batch.h>

#include "billing/assert.hpp"
#include "persistence/fold.hpp"
#include "persistence/group.hpp"
#include "persistence/keys.hpp"
#include "persistence/posting.hpp"
#include "persistence/storage.hpp"

namespace toll::persistence {

namespace {

/// Entities of a kind kept decoded between windows.
constexpr std::size_t cache_capacity = 12'288;
/// A window this large is closed early: its batch must fit well into a memtable.
constexpr std::size_t max_changed = 8'192;
constexpr std::size_t max_postings = 1u << 20;

template <class Entity>
void put_rows(rocksdb::WriteBatch& batch, rocksdb::ColumnFamilyHandle* family, char letter,
              const EntityCache<Entity>& cache) {
  std::string value;
  for (const auto* entry : cache.changed()) {
    value.clear();
    Encoder encoder(value);
    fields(encoder, entry->entity);
    batch.Put(family, keys::row(letter, entry->entity.id), value);
  }
}

template <class Entity>
void put_postings(rocksdb::WriteBatch& batch, rocksdb::ColumnFamilyHandle* family, char letter,
                  const EntityCache<Entity>& cache) {
  for (const auto* entry : cache.changed()) {
    const std::vector<billing::Seq>& seqs = entry->postings;
    for (std::size_t begin = 0; begin < seqs.size(); begin += format::max_posting) {
      const std::size_t end = std::min(begin + format::max_posting, seqs.size());
      batch.Put(family, keys::at(keys::owner(letter, entry->entity.id), seqs[begin]),
                encode_posting(seqs, begin, end));
    }
  }
}

}  // namespace

/// The world that the fold changes: entries of the cache, loaded from their rows when needed.
class MaterialiserWorld {
 public:
  MaterialiserWorld(Materialiser& owner, billing::Seq seq) : owner_(owner), seq_(seq) {}

  billing::Session& session(const std::string& id) {
    return need(owner_.sessions_, format::session_row, id).entity;
  }
  billing::Subscription& subscription(const std::string& id) {
    return need(owner_.subscriptions_, format::subscription_row, id).entity;
  }
  billing::Doctor& doctor(const std::string& id) {
    if (auto* entry = find(owner_.doctors_, format::doctor_row, id)) return entry->entity;
    billing::Doctor doctor;
    doctor.id = id;
    return added(owner_.doctors_, std::move(doctor)).entity;
  }
  billing::Withdrawal& withdrawal(const std::string& id) {
    return need(owner_.withdrawals_, format::withdrawal_row, id).entity;
  }
  void add(billing::Withdrawal&& withdrawal) { added(owner_.withdrawals_, std::move(withdrawal)); }
  void add(billing::Session&& session) { added(owner_.sessions_, std::move(session)); }
  void add(billing::Subscription&& subscription) {
    added(owner_.subscriptions_, std::move(subscription));
  }
  void add(std::uint32_t version, const billing::Policy& policy) {
    owner_.policies_.emplace_back(version, policy);
  }
  void add(KeptAnswer&& kept) { owner_.kept_.add(std::move(kept)); }
  void outage_began(billing::Instant since) {
    if (!owner_.mark_.open_outage) owner_.mark_.open_outage = since;
  }
  void ready() { owner_.mark_.open_outage.reset(); }
  void stated(const std::string& session) {
    post(need(owner_.sessions_, format::session_row, session).postings);
  }
  void earned(const std::string& doctor) {
    post(need(owner_.doctors_, format::doctor_row, doctor).postings);
  }

 private:
  void post(std::vector<billing::Seq>& postings) {
    postings.push_back(seq_);
    ++owner_.postings_;
  }

  template <class Entity>
  Cached<Entity>& added(EntityCache<Entity>& cache, Entity entity) {
    auto& entry = cache.add(std::move(entity));
    cache.change(entry);
    return entry;
  }

  template <class Entity>
  Cached<Entity>& need(EntityCache<Entity>& cache, char letter, const std::string& id) {
    Cached<Entity>* entry = find(cache, letter, id);
    TOLL_ASSERT(entry != nullptr);
    return *entry;
  }

  template <class Entity>
  Cached<Entity>* find(EntityCache<Entity>& cache, char letter, const std::string& id) {
    Cached<Entity>* entry = cache.find(id);
    if (!entry) entry = load(cache, letter, id);
    if (entry) cache.change(*entry);
    return entry;
  }

  template <class Entity>
  Cached<Entity>* load(EntityCache<Entity>& cache, char letter, const std::string& id) {
    const Database& database = owner_.database_;
    std::string value;
    if (!database.get(database.rows(), keys::row(letter, id), value)) return nullptr;
    Entity entity;
    TOLL_ASSERT(decode(value, entity) && entity.id == id);
    auto& entry = cache.add(std::move(entity));
    if constexpr (std::is_same_v<Entity, billing::Session>) entry.listed = entry.entity.status;
    return &entry;
  }

  Materialiser& owner_;
  const billing::Seq seq_;
};

Materialiser::Materialiser(Database& database, const JournalStore& journal)
    : database_(database), journal_(journal), kept_(database) {
  std::string stored;
  if (!database.get(database.rows(), keys::row(format::mark_row), stored)) return;
  if (!decode(stored, mark_)) throw StorageError("the mark of the rows cannot be read");
  applied_ = mark_.applied;
}

bool Materialiser::window_full() const {
  return sessions_.changed().size() + subscriptions_.changed().size() + doctors_.changed().size() +
                 withdrawals_.changed().size() + kept_.in_window() >=
             max_changed ||
         postings_ >= max_postings;
}

void Materialiser::fold_until(billing::Seq until) {
  if (mark_.applied >= until) return;
  journal_.read(mark_.applied + 1, [&](billing::Seq, std::string_view value) {
    const auto group = parse_group(value);
    TOLL_ASSERT(group && group->first == mark_.applied + 1);
    const bool whole = each_record(*group, group->first, [&](billing::Record&& record) {
      MaterialiserWorld world(*this, record.seq);
      fold(world, record);
      mark_.newest_at = std::max(mark_.newest_at, record.at);
      return true;
    });
    TOLL_ASSERT(whole);
    mark_.applied = group->last();  // between windows the mark is always the end of a group
    return mark_.applied < until && !window_full();
  });
}

void Materialiser::close_window() {
  if (!window_open()) return;
  rocksdb::WriteBatch batch;
  rocksdb::ColumnFamilyHandle* rows = database_.rows();
  put_rows(batch, rows, format::session_row, sessions_);
  put_rows(batch, rows, format::subscription_row, subscriptions_);
  put_rows(batch, rows, format::doctor_row, doctors_);
  put_rows(batch, rows, format::withdrawal_row, withdrawals_);
  put_postings(batch, rows, format::statement_posting, sessions_);
  put_postings(batch, rows, format::entry_posting, doctors_);
  write_sessions(batch);
  write_policies(batch);
  kept_.write(batch, mark_.newest_at);
  batch.Put(rows, keys::row(format::mark_row), encode(mark_));

  // Rows stay out of the log: they can be folded again. The batch is whole in one memtable of one
  // column family, and memtables are flushed in order, so what a crash leaves of the rows is what
  // they were at some mark, and the mark says which.
  rocksdb::WriteOptions options;
  options.disableWAL = true;
  database_.check(database_.db().Write(options, &batch), "writing rows");

  policies_.clear();
  postings_ = 0;
  sessions_.trim(cache_capacity);
  subscriptions_.trim(cache_capacity);
  doctors_.trim(cache_capacity);
  withdrawals_.trim(cache_capacity);
  applied_ = mark_.applied;
}

/// The lists: a session is in all of them once, and moves in the list of its status.
void Materialiser::write_sessions(rocksdb::WriteBatch& batch) {
  rocksdb::ColumnFamilyHandle* rows = database_.rows();
  for (auto* entry : sessions_.changed()) {
    const billing::Session& session = entry->entity;
    if (entry->listed == session.status) continue;
    const std::string value = char(session.status) + session.id;
    const auto list = [&](std::string prefix) {
      batch.Put(rows, keys::at(std::move(prefix), session.created_seq), value);
    };
    if (entry->listed) {
      batch.Delete(rows, keys::at(keys::status(*entry->listed), session.created_seq));
    }
    list(keys::row(format::all_index));
    list(keys::owner(format::patient_index, session.patient));
    list(keys::owner(format::doctor_index, session.doctor));
    list(keys::status(session.status));
    entry->listed = session.status;
  }
}

void Materialiser::write_policies(rocksdb::WriteBatch& batch) {
  for (const auto& [version, policy] : policies_) {
    batch.Put(database_.rows(), keys::policy(version), encode(policy));
  }
}

}  // namespace toll::persistence
