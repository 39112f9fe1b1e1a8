#include "persistence/streamed_fold.hpp"

#include <algorithm>

#include "billing/assert.hpp"
#include "persistence/compare_rows.hpp"
#include "persistence/fold.hpp"
#include "persistence/keys.hpp"
#include "persistence/named.hpp"
#include "persistence/storage.hpp"

namespace toll::persistence {

namespace {

/// With so many places of an owner in memory a posting is made of them.
constexpr std::size_t most_places = 512;

}  // namespace

class StreamedWorld {
 public:
  StreamedWorld(StreamedFold& owner, billing::Seq seq) : owner_(owner), seq_(seq) {}

  const billing::Session& session(const std::string& id) {
    return need(owner_.sessions_, id).entity;
  }
  const billing::Subscription& subscription(const std::string& id) {
    return need(owner_.subscriptions_, id).entity;
  }
  const billing::Withdrawal& withdrawal(const std::string& id) {
    return need(owner_.withdrawals_, id).entity;
  }
  template <class Fact>
  void session(const std::string& id, const Fact& fact, billing::Instant at) {
    if (!mine(id)) return;
    session_ = &need(owner_.sessions_, id);
    apply(session_->entity, fact, at);
  }
  template <class Fact>
  void subscription(const std::string& id, const Fact& fact, billing::Instant at) {
    if (mine(id)) apply(need(owner_.subscriptions_, id).entity, fact, at);
  }
  template <class Fact>
  void withdrawal(const std::string& id, const Fact& fact, billing::Instant at) {
    if (mine(id)) apply(need(owner_.withdrawals_, id).entity, fact, at);
  }
  template <class Fact>
  void doctor(const std::string& id, const Fact& fact) {
    if (!mine(id)) return;
    const std::uint64_t number = owner_.hash_(id);
    doctor_ = owner_.doctors_.find(number, id);
    if (!doctor_) {
      billing::Doctor added;
      added.id = id;
      doctor_ = owner_.doctors_.add(number, std::move(added));
    }
    if (!doctor_) owner_.suspect(id);
    apply(doctor_->entity, fact);
  }
  void add(billing::Session&& session) { added(owner_.sessions_, std::move(session), 's'); }
  void add(billing::Subscription&& subscription) {
    added(owner_.subscriptions_, std::move(subscription), 0);
  }
  void add(billing::Withdrawal&& withdrawal) {
    added(owner_.withdrawals_, std::move(withdrawal), 'w');
  }
  void add(std::uint32_t version, const billing::Policy& policy) {
    TOLL_ASSERT(owner_.policies_.emplace(version, policy).second);
    if (owner_.counting_) {
      const std::string key = keys::policy(version), value = encode(policy);
      owner_.sums_[0] += owner_.hash_(key, value);
      owner_.make(key, value);
    }
  }
  bool keeps(const billing::Record& record) const {
    if (!owner_.counting_ || !mine(owner_of_kept(record))) return false;
    return record.at + kept_for_ms > owner_.rows_->mark.newest_at ||
           owner_.rows_->expired.contains(owner_.hash_(keys::kept(record.cause->key)));
  }
  void add(KeptAnswer&& kept) { owner_.kept(kept); }
  billing::Outages& outages() { return owner_.mark_.outages; }
  void clock_offset(const std::optional<billing::ClockOffset>& offset) {
    owner_.mark_.clock_offset = offset;
  }
  /// The owner is the one that the record has just changed.
  void stated(const std::string& id) { place(format::statement_posting, id, session_); }
  void earned(const std::string& id) { place(format::entry_posting, id, doctor_); }

 private:
  bool mine(std::string_view id) const {
    return owner_.parts_.all() || owner_.parts_.contain(owner_.hash_.part_of(id));
  }

  template <class Entity>
  void place(char list, const std::string& id, Row<Entity>* row) {
    if (!owner_.counting_) return;
    const std::uint64_t number = owner_.hash_(id);
    const std::size_t part = RowHash::part_of(number);
    if (!owner_.parts_.contain(part)) return;
    owner_.sums_[part] += owner_.hash_.place(list, number, seq_);
    if (owner_.made_) owner_.place(list, *row, seq_);
  }

  template <class Entity>
  Row<Entity>& need(const RowsById<Entity>& rows, const std::string& id) const {
    Row<Entity>* found = rows.find(owner_.hash_(id), id);
    if (!found) owner_.suspect(id);
    return *found;
  }

  /// Where there are rows, one that was made twice shows in their sum.
  template <class Entity>
  void added(RowsById<Entity>& rows, Entity entity, char made) {
    if (!mine(entity.id)) return;
    const std::uint64_t number = owner_.hash_(entity.id);
    if (made != 0 && !owner_.rows_) owner_.ids_.push_back(number ^ made);
    if (!rows.add(number, std::move(entity))) throw Suspicion{{RowHash::part_of(number)}};
  }

  StreamedFold& owner_;
  const billing::Seq seq_;
  Row<billing::Session>* session_ = nullptr;
  Row<billing::Doctor>* doctor_ = nullptr;
};

/// Compares and drops.
struct StreamedFold::Closing {
  StreamedFold& owner;
  const billing::Books& closed;

  void session(const std::string& id) {
    const Row<billing::Session>* row = owner.sessions_.find(owner.hash_(id), id);
    if (row && !row->entity.live()) close(owner.sessions_, id);
  }
  void subscription(const std::string& id) { close(owner.subscriptions_, id); }
  void withdrawal(const std::string& id) { close(owner.withdrawals_, id); }
  template <class Entity>
  void close(RowsById<Entity>& rows, const std::string& id) {
    const std::uint64_t number = owner.hash_(id);
    Row<Entity>* row = rows.find(number, id);
    if (!row) return;
    if (closed.compare(row->entity)) owner.suspect(id);
    if (owner.counting_) owner.count(*row);
    rows.erase(number);
  }
};

/// Takes up what was there at the beginning, when it is first named.
struct StreamedFold::Opening {
  StreamedFold& owner;
  const VerifiedRows& rows;

  void session(const std::string& id) { open(owner.sessions_, id, &VerifiedRows::session); }
  void subscription(const std::string& id) {
    open(owner.subscriptions_, id, &VerifiedRows::subscription);
  }
  void doctor(const std::string& id) { open(owner.doctors_, id, &VerifiedRows::doctor); }
  void withdrawal(const std::string& id) {
    open(owner.withdrawals_, id, &VerifiedRows::withdrawal);
  }
  template <class Entity, class Find>
  void open(RowsById<Entity>& opened, const std::string& id, Find find) {
    const std::uint64_t number = owner.hash_(id);
    if (!owner.parts_.contain(RowHash::part_of(number)) || opened.find(number, id)) return;
    auto found = (rows.*find)(id);
    if (!found) return;
    Row<Entity>* row = opened.add(number, std::move(*found));
    if (!row) owner.suspect(id);
    if (owner.counting_) owner.count(*row, one_less);
  }
};

StreamedFold::StreamedFold(const RowHash& hash, const HistoryIndex& index, const RowScan* rows,
                           const Beginning* beginning, Parts parts, RowRuns* made)
    : hash_(hash), index_(index), rows_(rows), beginning_(beginning), parts_(parts), made_(made) {
  if (rows_) begin();
}

void StreamedFold::begin() {
  if (beginning_) {
    mark_ = beginning_->scan.mark;
    sums_ = beginning_->scan.sums;
    for (auto& [version, policy] : beginning_->rows.policies()) policies_.emplace(version, policy);
  }
  counting_ = rows_->mark.applied > mark_.applied;
  if (!counting_ && mark_ != rows_->mark) throw Suspicion{{0}};
  for (const auto& [key, answer] : rows_->expired) {
    if (!parts_.contain(answer.part)) continue;
    bool known = false;
    if (beginning_) {
      const auto found = beginning_->scan.expired.find(key);
      known = found != beginning_->scan.expired.end() && found->second.number == answer.number;
    }
    expired_.emplace(key, known);
  }
}

void StreamedFold::suspect(std::string_view id) const { throw Suspicion{{hash_.part_of(id)}}; }

void StreamedFold::add(const billing::Record& record) {
  if (beginning_) each_named(record, Opening{*this, beginning_->rows});
  StreamedWorld world(*this, record.seq);
  fold(world, record);
  mark_.newest_at = std::max(mark_.newest_at, record.at);
}

void StreamedFold::close(const billing::Record& record, const billing::Books& closed) {
  each_over(record, index_, Closing{*this, closed});
}

void StreamedFold::end_of_group(billing::Seq last, const Digest& digest) {
  mark_.applied = last;
  mark_.digest = digest;
  if (!counting_ || last != rows_->mark.applied) return;
  if (made_) {
    make(keys::row(format::mark_row), encode(mark_));
  } else if (mark_ != rows_->mark) {
    wrong_row({&format::mark_row, 1}, "differs from what the journal says");
  }
  count_all();
  counting_ = false;
}

template <class Entity>
void StreamedFold::place(char list, Row<Entity>& row, billing::Seq seq) const {
  row.newest.add(seq);
  if (row.newest.size() >= most_places) make_posting(list, row);
}

template <class Entity>
void StreamedFold::make_posting(char list, Row<Entity>& row) const {
  const billing::Seq first = row.newest.numbers().front();
  make(keys::at(keys::owner(list, row.entity.id), first), row.newest.bytes());
  row.newest = {};
}

template <class Entity>
void StreamedFold::count(char letter, const Row<Entity>& row, std::uint64_t times) {
  const std::string key = keys::row(letter, row.entity.id);
  value_.clear();
  Encoder encoder(value_);
  fields(encoder, row.entity);
  sums_[hash_.part_of(row.entity.id)] += times * hash_(key, value_);
  if (!made_) return;
  fields(encoder, row.newest);
  make(key, value_);
}

void StreamedFold::count(Row<billing::Session>& row, std::uint64_t times) {
  const billing::Session& session = row.entity;
  if (row.newest.size() >= format::min_posting) make_posting(format::statement_posting, row);
  count(format::session_row, row, times);
  std::uint64_t& sum = sums_[hash_.part_of(session.id)];
  const std::string listed = static_cast<char>(session.status) + session.id;
  const auto list = [&](std::string prefix) {
    const std::string key = keys::at(std::move(prefix), session.created_seq);
    sum += times * hash_(key, listed);
    make(key, listed);
  };
  list(keys::row(format::all_index));
  list(keys::owner(format::patient_index, session.patient));
  list(keys::owner(format::doctor_index, session.doctor));
  list(keys::status(session.status));
}

void StreamedFold::count(Row<billing::Subscription>& row, std::uint64_t times) {
  count(format::subscription_row, row, times);
}

void StreamedFold::count(Row<billing::Doctor>& row, std::uint64_t times) {
  if (row.newest.size() >= format::min_posting) make_posting(format::entry_posting, row);
  count(format::doctor_row, row, times);
}

void StreamedFold::count(Row<billing::Withdrawal>& row, std::uint64_t times) {
  count(format::withdrawal_row, row, times);
}

void StreamedFold::count_all() {
  const auto count_each = [this](auto& row) { count(row); };
  sessions_.each(count_each);
  subscriptions_.each(count_each);
  doctors_.each(count_each);
  withdrawals_.each(count_each);
}

void StreamedFold::kept(const KeptAnswer& answer) {
  const std::string key = keys::kept(answer.cause.key);
  const std::string value = encode(answer);
  const std::uint64_t number = hash_(key, value);
  if (!answer.expired(rows_->mark.newest_at)) {
    sums_[hash_.part_of(owner_of_kept(answer))] += number;
    make(key, value);
    make(keys::expiry(answer.at, answer.cause.key), "");
    return;
  }
  const auto found = rows_->expired.find(hash_(key));
  expired_[found->first] = found->second.number == number;
}

void StreamedFold::add_sums(RowSums& sums) const {
  for (std::size_t part = parts_.begin; part < parts_.end; ++part) sums[part] += sums_[part];
}

void StreamedFold::finish(const billing::Books& books) {
  Suspicion odd;
  const auto compare = [&](const auto& row) {
    if (books.compare(row.entity)) odd.parts.insert(hash_.part_of(row.entity.id));
  };
  sessions_.each(compare);
  subscriptions_.each(compare);
  doctors_.each(compare);
  withdrawals_.each(compare);
  for (const auto& [key, equal] : expired_) {
    if (!equal) odd.parts.insert(rows_->expired.at(key).part);
  }
  std::sort(ids_.begin(), ids_.end());
  for (auto twice = ids_.begin(); (twice = std::adjacent_find(twice, ids_.end())) != ids_.end();
       ++twice) {
    odd.parts.insert(*twice >> 56);
  }
  for (std::size_t part = parts_.begin; rows_ && !made_ && part < parts_.end; ++part) {
    // Policies are in part 0 whatever their numbers.
    if (sums_[part] != rows_->sums[part] || rows_->odd.contains(part)) odd.parts.insert(part);
  }
  if (!odd.parts.empty()) throw odd;
}

}  // namespace toll::persistence
