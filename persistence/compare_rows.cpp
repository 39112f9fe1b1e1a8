#include "persistence/compare_rows.hpp"

#include <memory>
#include <set>

#include "persistence/keys.hpp"
#include "persistence/posting.hpp"
#include "persistence/storage.hpp"

namespace toll::persistence {

namespace {

class Comparison {
 public:
  explicit Comparison(const Folded& folded) : folded_(folded) {}

  void row(std::string_view key, std::string_view value) {
    if (!mine(key, value)) return;
    switch (key.front()) {
      case format::mark_row:
        return same(key, value, keys::row(format::mark_row), folded_.mark);
      case format::policy_row:
        return policy(key, value);
      case format::session_row:
        return entity(key, value, folded_.sessions, seen_.sessions, &folded_.lines, &seen_.lines);
      case format::subscription_row:
        return entity(key, value, folded_.subscriptions, seen_.subscriptions);
      case format::doctor_row:
        return entity(key, value, folded_.doctors, seen_.doctors, &folded_.entries, &seen_.entries);
      case format::withdrawal_row:
        return entity(key, value, folded_.withdrawals, seen_.withdrawals);
      case format::kept_row:
        return kept(key, value);
      case format::expiry_index:
        return expiring(key);
      case format::all_index:
      case format::patient_index:
      case format::doctor_index:
      case format::status_index:
        return listed(key, value);
      case format::statement_posting:
        return posting(key, value, format::session_row, folded_.lines, seen_.lines);
      case format::entry_posting:
        return posting(key, value, format::doctor_row, folded_.entries, seen_.entries);
      default:
        wrong_row(key, "is of no known kind");
    }
  }

  /// Every row was the right one; are there as many as there must be?
  void complete() const {
    count("sessions", seen_.sessions, folded_.sessions.size());
    count("subscriptions", seen_.subscriptions, folded_.subscriptions.size());
    count("doctors", seen_.doctors, folded_.doctors.size());
    count("withdrawals", seen_.withdrawals, folded_.withdrawals.size());
    count("policies", seen_.policies, folded_.policies.size());
    count("list entries", seen_.listed, 4 * folded_.sessions.size());
    count("statement lines", seen_.lines, total(folded_.lines));
    count("wallet entries", seen_.entries, total(folded_.entries));
    count("places of kept answers", seen_.expiring, seen_.kept);
    for (const auto& [key, answer] : folded_.kept) {
      const bool expired = answer.expired(folded_.mark.newest_at);
      if (!expired && !kept_.contains(key)) wrong_row(keys::kept(key), "is missing");
    }
  }

 private:
  /// Whether the row is of an id that was folded, as far as it can be told.
  bool mine(std::string_view key, std::string_view value) const {
    switch (key.front()) {
      case format::session_row:
      case format::subscription_row:
      case format::doctor_row:
      case format::withdrawal_row:
        return folded_.mine(key.substr(1));
      case format::all_index:
      case format::patient_index:
      case format::doctor_index:
      case format::status_index:
        return folded_.mine(value.substr(value.empty() ? 0 : 1));
      case format::statement_posting:
      case format::entry_posting:
        return key.size() < 11 || folded_.mine(key.substr(3, key.size() - 11));
      case format::kept_row: {
        KeptAnswer answer;
        return !decode(value, answer) || folded_.mine(owner_of_kept(answer));
      }
      default:
        return true;
    }
  }

  using Postings = std::unordered_map<std::string, std::vector<billing::Seq>>;

  template <class Value>
  void same(std::string_view key, std::string_view value, const std::string& expected_key,
            const Value& expected) {
    if (key != expected_key) wrong_row(key, "should not be there");
    Value stored;
    if (!decode(value, stored)) wrong_row(key, "cannot be read");
    if (stored != expected) wrong_row(key, "differs from what the journal says");
  }

  /// `owned` are the places of all owners of this kind; its newest are in the row.
  template <class Map>
  void entity(std::string_view key, std::string_view value, const Map& map, std::size_t& seen,
              const Postings* owned = nullptr, std::size_t* seen_places = nullptr) {
    const auto found = map.find(std::string(key.substr(1)));
    if (found == map.end()) wrong_row(key, "is not in the journal");
    Row<typename Map::mapped_type> expected{found->second, {}}, stored;
    if (!decode(value, stored)) wrong_row(key, "cannot be read");
    if (const std::size_t count = stored.newest.size(); count > 0) {
      if (!owned || !owned->contains(found->first)) wrong_row(key, "has places that are nobody's");
      const std::vector<billing::Seq>& places = owned->at(found->first);
      for (std::size_t i = places.size() - std::min(count, places.size()); i < places.size(); ++i) {
        expected.newest.add(places[i]);
      }
      in_row_[std::string(key)] = count;
      *seen_places += count;
    }
    if (stored != expected) wrong_row(key, "differs from what the journal says");
    ++seen;
  }

  void policy(std::string_view key, std::string_view value) {
    const auto version = keys::seq_after(key, 1);
    const auto found = folded_.policies.find(static_cast<std::uint32_t>(version.value_or(0)));
    if (found == folded_.policies.end()) wrong_row(key, "is not in the journal");
    same(key, value, keys::policy(found->first), found->second);
    ++seen_.policies;
  }

  /// Expired answers are deleted some time after.
  void kept(std::string_view key, std::string_view value) {
    KeptAnswer answer;
    if (!decode(value, answer)) wrong_row(key, "cannot be read");
    const auto found = folded_.kept.find(answer.cause.key);
    if (found == folded_.kept.end()) wrong_row(key, "is not in the journal");
    same(key, value, keys::kept(found->first), found->second);
    kept_.insert(found->first);
    ++seen_.kept;
  }

  void expiring(std::string_view key) {
    const auto whose = keys::kept_in(key);
    if (!whose || !folded_.kept.contains(*whose)) return;
    const KeptAnswer& answer = folded_.kept.at(*whose);
    // The place of an earlier use of the key says nothing any more.
    if (key == keys::expiry(answer.at, *whose)) ++seen_.expiring;
  }

  void listed(std::string_view key, std::string_view value) {
    const auto found = folded_.sessions.find(std::string(value.substr(value.empty() ? 0 : 1)));
    if (found == folded_.sessions.end())
      wrong_row(key, "lists a session that is not in the journal");
    const billing::Session& session = found->second;
    std::string prefix;
    switch (key.front()) {
      case format::all_index:
        prefix = keys::row(format::all_index);
        break;
      case format::patient_index:
        prefix = keys::owner(format::patient_index, session.patient);
        break;
      case format::doctor_index:
        prefix = keys::owner(format::doctor_index, session.doctor);
        break;
      default:
        prefix = keys::status(session.status);
    }
    if (key != keys::at(prefix, session.created_seq))
      wrong_row(key, "lists a session in a wrong place");
    if (static_cast<billing::Status>(value.front()) != session.status) {
      wrong_row(key, "lists a session with a wrong status");
    }
    ++seen_.listed;
  }

  /// Rows come in the order of their keys: an owner before its postings, and those by number.
  void posting(std::string_view key, std::string_view value, char owner_row,
               const Postings& postings, std::size_t& seen) {
    const std::size_t size = key.size() < 11 ? 0 : key.size() - 11;  // letter, length, seq
    const std::string owner(key.substr(std::min<std::size_t>(3, key.size()), size));
    const auto found = postings.find(owner);
    if (found == postings.end()) wrong_row(key, "belongs to nobody");
    const std::string prefix = keys::owner(key.front(), owner);
    Places places;
    if (!places.read(value) || places.empty()) wrong_row(key, "cannot be read");
    if (key != keys::at(prefix, places.numbers().front())) wrong_row(key, "is in a wrong place");
    if (prefix != posting_prefix_) {
      posting_prefix_ = prefix;
      posting_place_ = 0;
    }
    const auto in_row = in_row_.find(keys::row(owner_row, owner));
    const std::size_t end = found->second.size() - (in_row == in_row_.end() ? 0 : in_row->second);
    for (const billing::Seq seq : places.numbers()) {
      if (posting_place_ >= end || found->second[posting_place_] != seq) {
        wrong_row(key, "differs from what the journal says");
      }
      ++posting_place_;
    }
    seen += places.size();
  }

  static std::size_t total(const Postings& postings) {
    std::size_t sum = 0;
    for (const auto& [owner, seqs] : postings) sum += seqs.size();
    return sum;
  }

  static void count(const char* what, std::size_t rows, std::size_t expected) {
    if (rows == expected) return;
    throw StorageError("the rows have " + std::to_string(rows) + ' ' + what +
                       ", the journal says " + std::to_string(expected));
  }

  const Folded& folded_;
  struct {
    std::size_t sessions = 0, subscriptions = 0, doctors = 0, withdrawals = 0, policies = 0;
    std::size_t listed = 0, lines = 0, entries = 0, kept = 0, expiring = 0;
  } seen_;
  std::set<billing::RequestDigest> kept_;
  std::unordered_map<std::string, std::size_t> in_row_;  ///< places that are in rows, by key
  std::string posting_prefix_;
  std::size_t posting_place_ = 0;
};

}  // namespace

void wrong_row(std::string_view key, const char* what) {
  std::string shown;
  for (const char c : key) shown += c >= ' ' && c <= '~' ? c : '.';
  throw StorageError("the row \"" + shown + "\" " + what);
}

void compare_rows(Database& database, const Folded& folded) {
  Comparison comparison(folded);
  const std::unique_ptr<rocksdb::Iterator> rows(database.rows().NewIterator({}));
  for (rows->SeekToFirst(); rows->Valid(); rows->Next()) {
    const rocksdb::Slice key = rows->key();
    const rocksdb::Slice value = rows->value();
    comparison.row({key.data(), key.size()}, {value.data(), value.size()});
  }
  database.check(rows->status(), "reading rows");
  comparison.complete();
}

}  // namespace toll::persistence
