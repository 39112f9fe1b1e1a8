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

/// A window this large is closed early. An entity that is there whole weighs more.
constexpr std::size_t max_weight = 1u << 20;
constexpr std::size_t weight_of_whole = 64;
constexpr std::size_t max_places = 1u << 20;

/// A row that was only charged is read and written whole about once in so many places, and then
/// its places become a posting: so neither they nor the charges to apply grow without end.
constexpr std::size_t places_for_each_read = 128;

/// Different for each entity and window.
std::size_t draw(const std::string& id, billing::Seq window) {
  constexpr std::uint64_t odd = 0x9e3779b97f4a7c15;
  return ((std::hash<std::string>()(id) ^ window * odd) * odd) >> 40;
}

template <class Entity>
constexpr char posting_of = 0;
template <>
constexpr char posting_of<billing::Session> = format::statement_posting;
template <>
constexpr char posting_of<billing::Doctor> = format::entry_posting;

void put_postings(rocksdb::WriteBatch& batch, const std::string& prefix, const Places& places) {
  const std::vector<billing::Seq> numbers = places.numbers();
  for (std::size_t begin = 0; begin < numbers.size(); begin += format::max_posting) {
    const std::size_t end = std::min(begin + format::max_posting, numbers.size());
    Places posting;
    for (std::size_t i = begin; i < end; ++i) posting.add(numbers[i]);
    batch.Put(keys::at(prefix, numbers[begin]), posting.bytes());
  }
}

}  // namespace

/// The world that the fold changes. What was only charged is not loaded.
class MaterialiserWorld {
 public:
  MaterialiserWorld(Materialiser& owner, billing::Seq seq) : owner_(owner), seq_(seq) {}

  const billing::Session& session(const std::string& id) {
    return whole(owner_.sessions_.of(id), format::session_row);
  }
  const billing::Subscription& subscription(const std::string& id) {
    return whole(owner_.subscriptions_.of(id), format::subscription_row);
  }
  const billing::Withdrawal& withdrawal(const std::string& id) {
    return whole(owner_.withdrawals_.of(id), format::withdrawal_row);
  }
  template <class Fact>
  void session(const std::string& id, const Fact& fact, billing::Instant at) {
    session_ = &owner_.sessions_.of(id);
    if (!charge(*session_, fact, at)) {
      apply(whole(*session_, format::session_row), fact, at);
    }
  }
  template <class Fact>
  void subscription(const std::string& id, const Fact& fact, billing::Instant at) {
    auto& change = owner_.subscriptions_.of(id);
    if (!charge(change, fact, at)) {
      apply(whole(change, format::subscription_row), fact, at);
    }
  }
  template <class Fact>
  void withdrawal(const std::string& id, const Fact& fact, billing::Instant at) {
    apply(whole(owner_.withdrawals_.of(id), format::withdrawal_row), fact, at);
  }
  template <class Fact>
  void doctor(const std::string& id, const Fact& fact) {
    doctor_ = &owner_.doctors_.of(id);
    if (!charge(*doctor_, fact, 0)) apply(whole(*doctor_, format::doctor_row), fact);
  }
  void add(billing::Session&& session) { added(owner_.sessions_, std::move(session)); }
  void add(billing::Subscription&& subscription) {
    added(owner_.subscriptions_, std::move(subscription));
  }
  void add(billing::Withdrawal&& withdrawal) { added(owner_.withdrawals_, std::move(withdrawal)); }
  void add(std::uint32_t version, const billing::Policy& policy) {
    owner_.policies_.emplace_back(version, policy);
  }
  static bool keeps(const billing::Record&) { return true; }
  void add(KeptAnswer&& kept) { owner_.kept_.add(std::move(kept)); }
  billing::Outages& outages() { return owner_.mark_.outages; }
  void clock_offset(const std::optional<billing::ClockOffset>& offset) {
    owner_.mark_.clock_offset = offset;
  }
  /// The owner is the one that the record has just changed.
  void stated(const std::string&) { post(*session_); }
  void earned(const std::string&) { post(*doctor_); }

 private:
  template <class Entity>
  void post(Change<Entity>& change) {
    change.post(seq_);
    ++owner_.places_;
  }

  /// Whether the fact needed no entity.
  template <class Entity, class Fact>
  static bool charge(Change<Entity>& change, const Fact& fact, billing::Instant at) {
    if constexpr (std::is_same_v<Fact, billing::Charged>) {
      if (change.row || !Charges::cover(fact)) return false;
      change.charges.template add<Entity>(fact, at);
      return true;
    }
    return false;
  }

  template <class Entity>
  void added(Window<Entity>& window, Entity entity) {
    auto& change = window.of(entity.id);
    TOLL_ASSERT(!change.row && change.charges.empty());
    change.row = std::make_unique<Row<Entity>>(Row<Entity>{std::move(entity), {}});
    ++owner_.whole_;
  }

  template <class Entity>
  Entity& whole(Change<Entity>& change, char letter) {
    if (change.row) return change.row->entity;
    if (!owner_.load(letter, change)) {
      TOLL_ASSERT((std::is_same_v<Entity, billing::Doctor>)&&change.charges.empty());
      change.row = std::make_unique<Row<Entity>>();
      change.row->entity.id = change.id;
    }
    ++owner_.whole_;
    return change.row->entity;
  }

  Materialiser& owner_;
  const billing::Seq seq_;
  Change<billing::Session>* session_ = nullptr;
  Change<billing::Doctor>* doctor_ = nullptr;
};

Materialiser::Materialiser(Database& database, const JournalStore& journal)
    : database_(database), journal_(journal), kept_(database) {
  std::string stored;
  if (!database.get_row(keys::row(format::mark_row), stored)) return;
  if (!decode(stored, mark_)) throw StorageError("the mark of the rows cannot be read");
  applied_ = mark_.applied;
}

Tally Materialiser::tally() const {
  const std::lock_guard lock(tally_mutex_);
  return tally_;
}

void Materialiser::count_from_here() {
  const std::lock_guard lock(tally_mutex_);
  tally_ = {};
}

bool Materialiser::window_full() const {
  return sessions_.size() + subscriptions_.size() + doctors_.size() + withdrawals_.size() +
                 weight_of_whole * (whole_ + kept_.in_window()) >=
             max_weight ||
         places_ >= max_places;
}

void Materialiser::fold_until(billing::Seq until) {
  if (mark_.applied >= until) return;
  journal_.read(mark_.applied + 1, [&](billing::Seq, std::string_view value) {
    const auto group = parse_group(value);
    TOLL_ASSERT(group && group->first == mark_.applied + 1);
    const bool whole = each_record(*group, group->first, [&](billing::Record&& record) {
      MaterialiserWorld world(*this, record.seq);
      fold(world, record);
      window_tally_.count(record.fact);
      mark_.newest_at = std::max(mark_.newest_at, record.at);
      return true;
    });
    TOLL_ASSERT(whole);
    mark_.applied = group->last();  // between windows the mark is always the end of a group
    mark_.digest = group->digest;
    return mark_.applied < until && !window_full();
  });
}

void Materialiser::close_window() {
  if (!window_open()) return;
  rocksdb::WriteBatch batch;
  write_rows(batch, format::doctor_row, doctors_);
  write_rows(batch, format::session_row, sessions_);
  write_rows(batch, format::subscription_row, subscriptions_);
  write_rows(batch, format::withdrawal_row, withdrawals_);
  write_policies(batch);
  kept_.write(batch, mark_.newest_at);
  batch.Put(keys::row(format::mark_row), encode(mark_));

  // Rows stay out of the log: they can be folded again. The batch is whole in one memtable, and
  // memtables are flushed in order, so what a crash leaves of the rows is what they were at some
  // mark, and the mark says which.
  rocksdb::WriteOptions options;
  options.disableWAL = true;
  database_.check(database_.rows().Write(options, &batch), "writing rows");

  {
    const std::lock_guard lock(tally_mutex_);
    tally_.add(std::exchange(window_tally_, {}));
  }
  policies_.clear();
  sessions_.clear();
  subscriptions_.clear();
  doctors_.clear();
  withdrawals_.clear();
  whole_ = places_ = 0;
  applied_ = mark_.applied;
}

/// The entity whole, with what it was charged in this window; false if it is not in the rows.
template <class Entity>
bool Materialiser::load(char letter, Change<Entity>& change) {
  std::string value;
  if (!database_.get_row(keys::row(letter, change.id), value)) return false;
  auto row = std::make_unique<Row<Entity>>();
  TOLL_ASSERT(decode(value, *row) && row->entity.id == change.id);
  if constexpr (std::is_same_v<Entity, billing::Session>) change.listed = row->entity.status;
  if constexpr (requires { apply(*row, change.charges); }) {
    if (!change.charges.empty()) apply(*row, std::exchange(change.charges, {}));
  }
  change.row = std::move(row);
  return true;
}

template <class Entity>
void Materialiser::write_rows(rocksdb::WriteBatch& batch, char letter, Window<Entity>& window) {
  std::string value;
  Encoder encoder(value);
  for (Change<Entity>* change : window.sorted()) {
    const std::string& id = change->id;
    const std::size_t places = std::max<std::size_t>(1, change->charges.places.size());
    if (!change->row && draw(id, mark_.applied) % places_for_each_read < places) {
      TOLL_ASSERT(load(letter, *change));
    }
    value.clear();
    if (!change->row) {
      fields(encoder, change->charges);
      batch.Merge(keys::row(letter, id), value);
      continue;
    }
    if constexpr (std::is_same_v<Entity, billing::Session>) list(batch, *change);
    Row<Entity>& row = *change->row;
    if (row.newest.size() >= format::min_posting) {
      put_postings(batch, keys::owner(posting_of<Entity>, id), row.newest);
      row.newest = {};
    }
    fields(encoder, row);
    batch.Put(keys::row(letter, id), value);
  }
}

/// A session is in all lists once, and moves in the list of its status.
void Materialiser::list(rocksdb::WriteBatch& batch, const Change<billing::Session>& change) {
  const billing::Session& session = change.row->entity;
  if (change.listed == session.status) return;
  const std::string value = char(session.status) + session.id;
  const auto put = [&](std::string prefix) {
    batch.Put(keys::at(std::move(prefix), session.created_seq), value);
  };
  if (change.listed) batch.Delete(keys::at(keys::status(*change.listed), session.created_seq));
  put(keys::row(format::all_index));
  put(keys::owner(format::patient_index, session.patient));
  put(keys::owner(format::doctor_index, session.doctor));
  put(keys::status(session.status));
}

void Materialiser::write_policies(rocksdb::WriteBatch& batch) {
  for (const auto& [version, policy] : policies_) {
    batch.Put(keys::policy(version), encode(policy));
  }
}

}  // namespace toll::persistence
