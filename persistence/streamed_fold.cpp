#include "persistence/streamed_fold.hpp"

#include <algorithm>

#include "billing/assert.hpp"
#include "persistence/compare_rows.hpp"
#include "persistence/fold.hpp"
#include "persistence/keys.hpp"
#include "persistence/named.hpp"
#include "persistence/storage.hpp"

namespace toll::persistence {

class StreamedWorld {
 public:
  StreamedWorld(StreamedFold& owner, billing::Seq seq) : owner_(owner), seq_(seq) {}

  const billing::Session& session(const std::string& id) { return need(owner_.sessions_, id); }
  const billing::Subscription& subscription(const std::string& id) {
    return need(owner_.subscriptions_, id);
  }
  const billing::Withdrawal& withdrawal(const std::string& id) {
    return need(owner_.withdrawals_, id);
  }
  template <class Fact>
  void session(const std::string& id, const Fact& fact, billing::Instant at) {
    if (mine(id)) apply(need(owner_.sessions_, id), fact, at);
  }
  template <class Fact>
  void subscription(const std::string& id, const Fact& fact, billing::Instant at) {
    if (mine(id)) apply(need(owner_.subscriptions_, id), fact, at);
  }
  template <class Fact>
  void withdrawal(const std::string& id, const Fact& fact, billing::Instant at) {
    if (mine(id)) apply(need(owner_.withdrawals_, id), fact, at);
  }
  template <class Fact>
  void doctor(const std::string& id, const Fact& fact) {
    if (!mine(id)) return;
    billing::Doctor& doctor = owner_.doctors_[id];
    doctor.id = id;
    apply(doctor, fact);
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
      owner_.sums_[0] += owner_.hash_(keys::policy(version), encode(policy));
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
  void stated(const std::string& session) { place(format::statement_posting, session); }
  void earned(const std::string& doctor) { place(format::entry_posting, doctor); }

 private:
  bool mine(std::string_view id) const { return owner_.parts_.contain(owner_.hash_.part_of(id)); }

  void place(char list, const std::string& id) {
    if (!owner_.counting_) return;
    const std::size_t part = owner_.hash_.part_of(id);
    if (owner_.parts_.contain(part)) {
      owner_.sums_[part] += owner_.hash_.place(list, owner_.hash_(id), seq_);
    }
  }

  template <class Map>
  typename Map::mapped_type& need(Map& map, const std::string& id) {
    const auto found = map.find(id);
    if (found == map.end()) owner_.suspect(id);
    return found->second;
  }

  /// Where there are rows, one that was made twice shows in their sum.
  template <class Map, class Entity>
  void added(Map& map, Entity&& entity, char made) {
    if (!mine(entity.id)) return;
    if (made != 0 && !owner_.rows_) owner_.made_.push_back(owner_.hash_(entity.id) ^ made);
    std::string id = entity.id;
    if (!map.emplace(id, std::forward<Entity>(entity)).second) owner_.suspect(id);
  }

  StreamedFold& owner_;
  const billing::Seq seq_;
};

/// Compares and drops.
struct StreamedFold::Closing {
  StreamedFold& owner;
  const billing::Books& closed;

  void session(const std::string& id) {
    const auto found = owner.sessions_.find(id);
    if (found != owner.sessions_.end() && !found->second.live()) close(owner.sessions_, found);
  }
  void subscription(const std::string& id) {
    const auto found = owner.subscriptions_.find(id);
    if (found != owner.subscriptions_.end()) close(owner.subscriptions_, found);
  }
  void withdrawal(const std::string& id) {
    const auto found = owner.withdrawals_.find(id);
    if (found != owner.withdrawals_.end()) close(owner.withdrawals_, found);
  }
  template <class Map>
  void close(Map& map, typename Map::iterator found) {
    if (closed.compare(found->second)) owner.suspect(found->first);
    if (owner.counting_) owner.count(found->second);
    map.erase(found);
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
  template <class Map, class Find>
  void open(Map& map, const std::string& id, Find find) {
    if (!owner.parts_.contain(owner.hash_.part_of(id)) || map.contains(id)) return;
    auto found = (rows.*find)(id);
    if (!found) return;
    if (owner.counting_) owner.count(*found, one_less);
    map.emplace(id, std::move(*found));
  }
};

StreamedFold::StreamedFold(const RowHash& hash, const HistoryIndex& index, const RowScan* rows,
                           const Beginning* beginning, Parts parts)
    : hash_(hash), index_(index), rows_(rows), beginning_(beginning), parts_(parts) {
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
  if (mark_ != rows_->mark) wrong_row({&format::mark_row, 1}, "differs from what the journal says");
  count_all();
  counting_ = false;
}

void StreamedFold::count(const billing::Session& session, std::uint64_t times) {
  std::uint64_t& sum = sums_[hash_.part_of(session.id)];
  sum += times * hash_(keys::row(format::session_row, session.id), encode(session));
  const std::string listed = static_cast<char>(session.status) + session.id;
  const auto list = [&](std::string prefix) {
    sum += times * hash_(keys::at(std::move(prefix), session.created_seq), listed);
  };
  list(keys::row(format::all_index));
  list(keys::owner(format::patient_index, session.patient));
  list(keys::owner(format::doctor_index, session.doctor));
  list(keys::status(session.status));
}

void StreamedFold::count(const billing::Subscription& subscription, std::uint64_t times) {
  sums_[hash_.part_of(subscription.id)] +=
      times * hash_(keys::row(format::subscription_row, subscription.id), encode(subscription));
}

void StreamedFold::count(const billing::Doctor& doctor, std::uint64_t times) {
  sums_[hash_.part_of(doctor.id)] +=
      times * hash_(keys::row(format::doctor_row, doctor.id), encode(doctor));
}

void StreamedFold::count(const billing::Withdrawal& withdrawal, std::uint64_t times) {
  sums_[hash_.part_of(withdrawal.id)] +=
      times * hash_(keys::row(format::withdrawal_row, withdrawal.id), encode(withdrawal));
}

void StreamedFold::count_all() {
  for (const auto& [id, session] : sessions_) count(session);
  for (const auto& [id, subscription] : subscriptions_) count(subscription);
  for (const auto& [id, doctor] : doctors_) count(doctor);
  for (const auto& [id, withdrawal] : withdrawals_) count(withdrawal);
}

void StreamedFold::kept(const KeptAnswer& answer) {
  const std::string key = keys::kept(answer.cause.key);
  const std::uint64_t number = hash_(key, encode(answer));
  if (!answer.expired(rows_->mark.newest_at)) {
    sums_[hash_.part_of(owner_of_kept(answer))] += number;
    return;
  }
  const auto found = rows_->expired.find(hash_(key));
  expired_[found->first] = found->second.number == number;
}

void StreamedFold::finish(const billing::Books& books) {
  Suspicion odd;
  const auto compare = [&](const auto& map) {
    for (const auto& [id, entity] : map) {
      if (books.compare(entity)) odd.parts.insert(hash_.part_of(id));
    }
  };
  compare(sessions_);
  compare(subscriptions_);
  compare(doctors_);
  compare(withdrawals_);
  for (const auto& [key, equal] : expired_) {
    if (!equal) odd.parts.insert(rows_->expired.at(key).part);
  }
  std::sort(made_.begin(), made_.end());
  for (auto twice = made_.begin(); (twice = std::adjacent_find(twice, made_.end())) != made_.end();
       ++twice) {
    odd.parts.insert(*twice >> 56);
  }
  for (std::size_t part = parts_.begin; rows_ && part < parts_.end; ++part) {
    // Policies are in part 0 whatever their numbers.
    if (sums_[part] != rows_->sums[part] || rows_->odd.contains(part)) odd.parts.insert(part);
  }
  if (!odd.parts.empty()) throw odd;
}

}  // namespace toll::persistence
